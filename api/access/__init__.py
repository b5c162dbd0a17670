"""Who asks: keys and console sessions become actors, and routes say which right they need."""
