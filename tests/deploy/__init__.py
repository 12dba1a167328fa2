"""What deploys it is valid and names only what exists."""
