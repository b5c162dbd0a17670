"""Judging one order: from its events and facts to what must happen."""
