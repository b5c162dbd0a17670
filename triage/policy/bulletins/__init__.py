"""Bulletins: what a pack has drawn up every day, week, month …, each line with the orders behind it."""
