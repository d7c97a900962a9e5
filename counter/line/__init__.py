"""A serial line with addressed units: bytes, frames, and whose turn it is."""
