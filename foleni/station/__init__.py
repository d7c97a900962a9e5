"""What every device program is made of: its place on the LAN, its settings, and how it reports itself."""
