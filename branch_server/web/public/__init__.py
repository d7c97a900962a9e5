"""What needs no sign-in: the board for smart TVs and browsers, and each customer's own ticket page."""
