"""The screen of a box that is not, or no longer, a device of a branch: its code, or what is wrong and what to do."""
