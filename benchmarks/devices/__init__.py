"""Measurements of what people touch: the real kiosk, TV and counter agent, on screens of their own (Xvfb)."""
