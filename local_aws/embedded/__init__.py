"""The embedded AWS: its server, its hooks, and the stack deployed on it."""
