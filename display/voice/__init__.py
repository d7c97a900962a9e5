"""The chime and the voice: one call after the other, never cut off."""
