"""Branches, queues and tickets as people far from the branch see them: joining, watching, giving up."""
