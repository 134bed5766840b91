"""An operator's order: what was rejected goes through again."""
