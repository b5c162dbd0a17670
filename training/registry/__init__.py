"""The store of runs and models (MLflow): what was tried, on what, how it did; and which version is which."""
