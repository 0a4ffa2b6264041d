"""How fast the embedded AWS goes on: nothing waits without need, and retries keep this machine's pace."""
