"""Updates: bundles that an administrator brings, plans for who gets which and when, and what the boxes tell of it."""
