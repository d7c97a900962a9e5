"""Measurements of a branch and its devices, each as a ratio to a floor measured in the same run on the same broker and disk."""
