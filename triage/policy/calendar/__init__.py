"""Time as the rules count it: the state calendar, working days, office hours."""
