"""The display: the board in the waiting room, its chime and its voice."""
