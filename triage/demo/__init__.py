"""A believable month of an invented sub-district: orders written by a grammar, and what happened to them."""
