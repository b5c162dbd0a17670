"""Issues that are kept, over HTTP."""
