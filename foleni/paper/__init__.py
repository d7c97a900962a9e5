"""A ticket on paper: its layout as data, as rows and as a picture. What stands on it is the same wherever it is drawn."""
