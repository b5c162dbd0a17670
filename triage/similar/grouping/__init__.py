"""Online grouping: each order joins, founds or bridges issues as it arrives."""
