"""Deciding one order over HTTP."""
