"""Look and words that all pages share."""
