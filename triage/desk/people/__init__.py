"""People: who holds which post, who is away, who is on duty, and whom a rule's role means at a moment."""
