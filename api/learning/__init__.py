"""What the desk is asked so that the models learn, over HTTP."""
