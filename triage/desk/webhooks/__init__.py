"""Webhooks: other systems are told of alerts, signed, again and again until they take the message."""
