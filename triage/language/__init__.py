"""Chinese text of hotline orders: clean it, cut it into words, hide personal data, find places and territory."""
