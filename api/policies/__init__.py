"""The packs over HTTP."""
