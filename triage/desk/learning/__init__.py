"""What the running service learns with: what kept orders teach, what to ask, which model answers."""
