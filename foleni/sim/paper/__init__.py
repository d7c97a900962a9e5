"""A receipt printer on TCP that is none: it understands ESC/POS, keeps what it would print, and breaks when told to."""
