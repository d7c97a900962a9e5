"""The second server in the console: how the pair stands, and the press that hands over."""
