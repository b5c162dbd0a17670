"""What dispatchers say of suggestions, over HTTP."""
