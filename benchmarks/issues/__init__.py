"""How well orders about the same matter are brought together, and what that costs."""
