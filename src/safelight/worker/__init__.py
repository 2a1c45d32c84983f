"""What runs inside the confined processes."""
