"""What a kiosk must not forget: its tickets, its own number series, and what it last heard of its branch."""
