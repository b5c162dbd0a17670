"""A policy pack: what its file may say, how it is checked, put together and explained."""
