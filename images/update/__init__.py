"""Update bundles: keys, what a bundle is made of, and what boxes need to take one."""
