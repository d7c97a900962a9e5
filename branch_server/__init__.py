"""The branch server: the one owner of a branch's queue."""
