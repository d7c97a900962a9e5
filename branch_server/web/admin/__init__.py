"""The administration of the branch's setup: what the branch is made of, described and changed in the browser."""
