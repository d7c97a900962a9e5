"""How long contact data is kept, and the log that proves that it is gone."""
