"""Cases written down: scenarios that a pack must pass, and past orders replayed through a changed one."""
