"""Scores of units, over HTTP."""
