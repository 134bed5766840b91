"""The engines of this suite."""

from tests.proof.fixtures import engine

__all__ = ["engine"]
