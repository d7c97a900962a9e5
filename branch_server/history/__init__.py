"""A plausible past for a branch that shows what it can: made by the engine's own rules, and marked as made."""
