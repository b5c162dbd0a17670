"""The same matter again: which orders belong together, who calls again, and what an issue is called."""
