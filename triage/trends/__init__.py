"""How many orders to expect of each category and place, and where there are suddenly more."""
