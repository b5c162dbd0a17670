"""Scores: what a pack's scoring makes of a period's orders, each figure with the orders behind it."""
