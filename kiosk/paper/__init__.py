"""A ticket on its way to the printer: samples, the logo, and ESC/POS."""
