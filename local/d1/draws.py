"""Chance that can be repeated."""

from random import Random


def draws(seed: object) -> Random:
    """Return a source of draws that are the same for the same seed, in every process."""
    return Random(str(seed))  # noqa: S311  # repeatable, keeps no secret
