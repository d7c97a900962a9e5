"""The look all screens share: tokens, fonts, and text set with them."""
