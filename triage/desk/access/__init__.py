"""Who may do what: rights by role, and what each role sees of an order."""
