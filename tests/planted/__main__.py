"""Try planted bugs while writing them: ``python -m tests.planted WORD...`` tries those whose name or file has a word.

Prints a line a bug, and ends with 1 if one was not caught. ``make prove PROOF=planted`` tries all of them.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.planted.bug import Bug
from tests.planted.bugs import BUGS
from tests.planted.trial import Fate, try_bug


def main(words: list[str]) -> int:
    """Try the bugs that are meant; return the exit code."""
    bugs = [bug for bug in BUGS if not words or any(word in str(bug) for word in words)]

    def told(bug: Bug) -> bool:
        began = time.monotonic()
        fate, output = try_bug(bug)
        sys.stdout.write(f"{fate:<9}{time.monotonic() - began:>6.1f} s  {bug}\n")
        if fate not in {Fate.CAUGHT, Fate.SURVIVED}:
            sys.stdout.write(f"{output}\n")
        sys.stdout.flush()
        return fate is Fate.CAUGHT

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        caught = list(threads.map(told, bugs))
    sys.stdout.write(f"{sum(caught)} of {len(caught)} caught\n")
    return 0 if all(caught) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
