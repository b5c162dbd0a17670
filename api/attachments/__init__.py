"""Files of orders, over HTTP."""
