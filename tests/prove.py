"""Run every proof at full size: ``python -m tests.prove``, or ``python -m tests.prove races bulk`` for some of them.

Prints a line a promise, writes docs/proof.md where all proofs ran, and ends with 1 where anything was lost.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "layers" / "card_tracking"), str(ROOT / "functions")]

from tests.proof.side_by_side import main  # noqa: E402  # the product is found only from here on

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
