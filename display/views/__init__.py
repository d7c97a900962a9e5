"""What draws the picture: Kivy widgets, placed by the plan. Import after `foleni.screens.prepare`."""
