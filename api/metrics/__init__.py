"""Figures of the running service for those who watch over it."""
