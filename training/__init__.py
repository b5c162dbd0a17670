"""Fitting, evaluating and applying models; used by the command line, never by the service."""
