"""The use cases, one function each; everything they need is handed in."""
