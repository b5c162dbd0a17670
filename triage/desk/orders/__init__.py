"""The use cases around orders that are kept: receive, record, list, show."""
