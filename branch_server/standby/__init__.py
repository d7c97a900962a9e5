"""Two servers of one branch: the second follows the first, batch by batch, and takes over."""
