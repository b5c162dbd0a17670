"""Callers by pseudonym, over HTTP."""
