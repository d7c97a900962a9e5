"""What presses mean at a counter, and what its units show of it."""
