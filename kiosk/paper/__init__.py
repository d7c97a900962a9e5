"""A ticket on paper: its layout as data, as a picture, and as ESC/POS."""
