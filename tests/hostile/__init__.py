"""Hostile input: every call of the API, files to import, personal data planted everywhere, faults in the middle."""
