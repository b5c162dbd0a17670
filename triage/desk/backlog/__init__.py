"""Past orders in a spreadsheet, as districts export them: every row becomes a request or comes back with reasons."""
