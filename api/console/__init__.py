"""The page a dispatcher works with."""
