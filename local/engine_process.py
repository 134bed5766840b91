"""The embedded AWS as a process that outlives nobody and leaves nothing.

Run as ``python -m local.engine_process`` by ``local.engine``, which holds the other end of standard
input: the end of that pipe means stop, whether it was closed on purpose or its holder was killed.
"""

import os
import signal
import sys
import threading
from tempfile import TemporaryDirectory


def main() -> None:
    """Run until the end of standard input."""
    threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
    # Where functions and layers are unpacked. Set before the import, which looks for it.
    with TemporaryDirectory(prefix="card-tracking-") as scratch:
        os.environ["TMPDIR"] = scratch
        from ministack.app import main as run_ministack  # noqa: PLC0415  # see above

        # ministack reads arguments of its own; it is configured by its environment alone.
        sys.argv[1:] = []
        run_ministack()


def _stop_at_end_of_input() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
