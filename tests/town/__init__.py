"""A made-up sub-district, for tests of what is the same matter."""
