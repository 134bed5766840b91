"""HTTP as D1 speaks it: one connection kept open, TLS with a client certificate.

The standard library's client: it takes an SSLContext as it is, hides no retries of its own, and a D1 needs no more.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_SLEPT_IN: Final = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)
"""What a connection that the other side closed long ago looks like; RemoteDisconnected is a ConnectionResetError."""


class Insecure(Exception):
    """The address is neither https nor on this machine."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM form; without ``ca`` the system's are trusted."""

    ca: Path | None = None
    client: Path | None = None
    client_key: Path | None = None
    """None where it lies in the same file as the certificate."""

    def context(self) -> ssl.SSLContext:
        """Make what a connection needs. Raises OSError where a file cannot be read (ssl.SSLError is one)."""
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.client is not None:
            context.load_cert_chain(self.client, self.client_key)
        return context


class Connection:
    """A connection to one host, opened when first needed and again when it broke. Not for several threads."""

    def __init__(self, url: str, certificates: Certificates, timeout: float) -> None:
        """Raise Insecure where the address is one that D1 would not call."""
        self._address = _checked(url)
        self._timeout = timeout
        self._certificates = certificates
        self._open: HTTPConnection | None = None

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[HTTPResponse, bytes]:
        """Post once and read the answer.

        Raises TimeoutError, OSError or HTTPException, and is ready to be used again then. A kept connection that turns
        out to have been closed meanwhile is no failed call: the call is then made on a new one.
        """
        kept = self._open is not None
        try:
            return self._post(path, body, headers)
        except _SLEPT_IN:
            if not kept:
                raise
        return self._post(path, body, headers)

    def close(self) -> None:
        """Close it; it opens again when needed."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[HTTPResponse, bytes]:
        self._open = connection = self._open or self._connection()
        try:
            connection.request("POST", path, body, dict(headers))
            response = connection.getresponse()
            return response, response.read()
        except (OSError, HTTPException):
            self.close()
            raise

    def _connection(self) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            return HTTPSConnection(host, port, timeout=self._timeout, context=self._certificates.context())
        return HTTPConnection(host, port, timeout=self._timeout)


def _checked(url: str) -> SplitResult:
    address = urlsplit(url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
        raise Insecure(f"{url} is not an https address, and not on this machine")
    return address
