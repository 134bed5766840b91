"""The engine of this suite: the fastest one, because thousands of small lives are lived on it.

``make prove`` runs the suite on each engine, by the variable PROOF_ENGINE.
"""

from tests.proof.fixtures import chosen_engine as engine

__all__ = ["engine"]
