"""What kept orders teach, as rows to learn from: weighted, cut without leaks, doubted, described and stored."""
