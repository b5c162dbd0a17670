"""Category, request type, urgency, complexity and emergency from text: one vectoriser, one linear head a task."""
