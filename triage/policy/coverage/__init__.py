"""Coverage: of every clause of a pack, what enforces it and what shows that it does.

A clause that decides, sets a clock, alerts or refuses is shown by a pair of scenarios, a computed or reported one by a
figure worked out by hand, a stated one by the reason why software cannot enforce it.
"""
