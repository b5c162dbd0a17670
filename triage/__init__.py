"""Triage and dispatch of 12345 citizen-hotline orders."""

__version__ = "0.1.0"
