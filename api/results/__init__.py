"""Results for the district, over HTTP."""
