"""What an issue is called: a title, a sentence that sums it up, and a time line."""
