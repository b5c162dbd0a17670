"""Files that belong to orders: pictures, recordings, documents."""
