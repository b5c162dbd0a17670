"""Words of the trade as frozen data: orders, events, decisions, clauses, errors. Standard library only."""
