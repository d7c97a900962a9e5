"""The sync with the branches: events come up, commands go down, and our picture of each branch is the fold of its events."""
