"""Who called, without keeping who: keyed tokens, callers and households of an issue, repeat calls."""
