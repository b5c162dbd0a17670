"""What the sub-district owes the district for each order, handed over with a receipt."""
