"""The TOML description of a branch, as a person writes it before the first start."""
