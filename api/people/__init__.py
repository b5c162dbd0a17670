"""People over HTTP: posts, absences, the duty roster, and whom a role means."""
