"""What a run used of AWS, and what that costs at a price list."""
