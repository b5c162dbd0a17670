"""The live desk over server-sent events."""
