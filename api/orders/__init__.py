"""Orders that are kept, over HTTP."""
