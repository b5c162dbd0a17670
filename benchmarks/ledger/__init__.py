"""What the ledger costs: intake under load, and questions asked of a million orders."""
