"""What the HTTP servers of this house share: serving, live streams, limits."""
