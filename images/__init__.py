"""Bootable images of the branch server, the kiosk and the display."""
