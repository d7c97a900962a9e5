"""Boxes that would like to join the branch: what they ask over HTTPS, and the page on which an administrator approves them."""
