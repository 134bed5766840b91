"""Cut botocore's description of AWS to the services in use: ``python3 trim.py FOLDER SERVICE...``.

botocore describes some 440 services in 27 MB. Every client that is made lists all of their folders twice, parses the
endpoints of all, and the model of its own service with all of its documentation in it, at every start.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any


def trim(packages: Path, services: set[str]) -> None:
    """Cut the botocore that is installed in a folder."""
    data = packages / "botocore" / "data"
    unknown = services - {folder.name for folder in data.iterdir()}
    if unknown:
        raise SystemExit(f"botocore knows no service {', '.join(sorted(unknown))}")
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)
    for path in data.rglob("examples-*.json"):
        path.unlink()
    endpoints = data / "endpoints.json"
    known = json.loads(endpoints.read_bytes())
    for partition in known["partitions"]:
        partition["services"] = {name: service for name, service in partition["services"].items() if name in services}
    _write(endpoints, known)
    for path in data.rglob("*.json.gz"):
        # A layer is compressed as a whole; unpacked twice is slower than once.
        _write(path.with_suffix(""), _without_documentation(json.loads(gzip.decompress(path.read_bytes()))))
        path.unlink()


def _without_documentation(value: Any) -> Any:
    if isinstance(value, dict):
        # A member of a request may be called so, too; that one is a shape and no text.
        return {
            name: _without_documentation(content)
            for name, content in value.items()
            if not (name == "documentation" and isinstance(content, str))
        }
    if isinstance(value, list):
        return [_without_documentation(element) for element in value]
    return value


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")))


if __name__ == "__main__":
    trim(Path(sys.argv[1]), set(sys.argv[2:]))
