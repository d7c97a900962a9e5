"""Starts the web side as a program of its own, and starts it again when it dies: the queue goes on without it."""
