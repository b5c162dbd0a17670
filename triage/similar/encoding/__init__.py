"""Texts as vectors: the town's own static table, and heavier encoders by a setting."""
