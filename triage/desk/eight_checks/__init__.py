"""The eight checks (八审) of a unit's reply. They point a reviewer to what to look at; they decide nothing."""
