"""What runs made in the service and in the bucket: how long it stays, and what may go."""
