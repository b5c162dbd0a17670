"""What an analyst asks of the ledger: plain rows for tables and plots, with no name, number or sealed word in them."""
