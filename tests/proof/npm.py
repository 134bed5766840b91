"""Packages of npm that hold an engine: fetched once into ``.local``, and checked against a digest."""

import base64
import hashlib
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from local.engine import ROOT

FETCH_SECONDS: Final = 120.0


class PackageMissing(Exception):
    """The package cannot be fetched; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """One version of one package."""

    name: str
    version: str
    digest: str
    """SHA-512 of the archive, in base64 as npm shows it."""

    @property
    def folder(self) -> Path:
        """Folder that holds the files of the package."""
        return ROOT / ".local" / f"{self.name.strip('@').replace('/', '-')}-{self.version}" / "package"

    def fetch(self) -> Path:
        """Fetch the package if it is not there yet; return its folder. Raises PackageMissing."""
        if not self.folder.is_dir():
            npm = shutil.which("npm")
            if npm is None:
                raise PackageMissing(f"{self.name} comes from npm, and npm is not installed")
            self._fetch_by(npm)
        return self.folder

    def _fetch_by(self, npm: str) -> None:
        home = self.folder.parent
        home.mkdir(parents=True, exist_ok=True)
        # Several test processes fetch at the same time. Each unpacks in its own folder, so none finds half a package.
        with TemporaryDirectory(dir=home) as folder:
            _run([npm, "pack", "--silent", f"{self.name}@{self.version}"], folder)
            archive = next(Path(folder).glob("*.tgz"))
            digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            if digest != self.digest:
                raise PackageMissing(f"{archive.name} has the digest {digest}, and {self.digest} was expected")
            _run(["tar", "xzf", archive.name], folder)
            with suppress(OSError):  # another process was faster
                Path(folder, "package").rename(self.folder)


def _run(command: list[str], folder: str) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=FETCH_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        raise PackageMissing(f"{' '.join(command)} failed: {type(error).__name__}") from error
