"""The use cases around issues that are kept: which are hot, what one is about, what persons merge and split."""
