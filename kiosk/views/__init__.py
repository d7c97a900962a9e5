"""The kiosk's screens: pure plans say what lies where; the canvas draws them; the window shows one page after the other."""
