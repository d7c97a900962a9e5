"""Measurements of the web side: consoles, displays, the HTTP API."""
