"""The HTTP face of the service: a folder per concept, one error format, the console."""
