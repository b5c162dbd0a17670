"""Retraining: fit a challenger, hold it against the model that answers, and let the gate speak."""
