"""What Lambda unpacks, zipped from the source as it lies here."""

import io
import zipfile
from pathlib import Path
from typing import Final

from local.engine import ROOT

NOTE_ON_DEPENDENCIES: Final = """\
The embedded AWS runs a function with the Python that runs the embedded AWS itself, which has these
packages at the same locked versions. The layer that is deployed to AWS is built by `make build`.
"""


def functions_archive() -> bytes:
    """Zip the functions as `make build` lays them out."""
    return _zip(_python_files(ROOT / "functions", prefix=""))


def card_tracking_archive() -> bytes:
    """Zip the layer with our package as `make build` lays it out."""
    return _zip(_python_files(ROOT / "layers/card_tracking/card_tracking", prefix="python/card_tracking/"))


def dependencies_archive() -> bytes:
    """Zip a layer of third-party packages that holds none, and says why."""
    return _zip({"python/README.txt": NOTE_ON_DEPENDENCIES.encode()})


def _python_files(folder: Path, prefix: str) -> dict[str, bytes]:
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix == ".py" or path.name == "py.typed"
    }


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    # Not compressed: it is unpacked on this machine a moment later, for each worker once.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
