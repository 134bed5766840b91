"""The schedule's tick: alerts that are still pending go out."""
