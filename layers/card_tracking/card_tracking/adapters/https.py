"""HTTPS to those who are not AWS: one exchange at a time, bounded in time and size, its errors translated once."""

import ssl
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import urllib3
from urllib3.util import create_urllib3_context

from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyBusy, DependencyFailed

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long one exchange may take, and how much may come of it."""

    connect_seconds: float
    """For each address of the server, and for the TLS handshake."""
    read_seconds: float
    """Until the first byte, and from any byte to the next."""
    most_bytes: int

    @property
    def exchange_seconds(self) -> float:
        """Seconds after which nothing more is read: neither headers nor body.

        Only two things can take longer: looking up the name, and a name with more than two addresses that all hang.
        """
        return self.connect_seconds + self.read_seconds


class Answer(NamedTuple):
    """What the other side answered, whatever it was."""

    status: int
    body: bytes
    retry_after_seconds: float
    """How long it asks to be left alone; 0 where it does not say."""


class HttpsClient:
    """Keeps connections open to those whom it has asked. Follows no redirect and no proxy, and tries nothing again."""

    def __init__(self, bounds: Bounds, context: ssl.SSLContext | None = None) -> None:
        """Take the bounds of each exchange, and a ``client_context``, which no other client may use.

        By default, send no client certificate and trust the system's CAs.
        """
        self._bounds = bounds
        self._context = context
        self._pool: urllib3.PoolManager | None = None
        self._give_up = 0.0

    def exchange(
        self, operation: str, method: str, url: str, headers: Mapping[str, str], deadline: Deadline, body: str = ""
    ) -> Answer:
        """Send one request and read its answer, of whatever status; ``operation`` is its name in errors.

        Raises DependencyBusy where trying again can help, DependencyFailed where it cannot, OutOfTime where the time
        left does not hold it. The error below is not chained: its text repeats the address.
        """
        if not url.startswith("https://"):
            raise DependencyFailed(operation, "NotHttps", connected=False)
        # Nothing is sent with less left beside the deadline's own reserve.
        deadline.keeping(self._bounds.exchange_seconds).check()
        self._give_up = time.monotonic() + self._bounds.exchange_seconds
        self._pool = self._pool or self._make_pool()
        try:
            with self._pool.request(
                method,
                url,
                body=body or None,
                headers=headers,
                redirect=False,
                preload_content=False,
                # Nothing was said to be acceptable that would have to be unpacked.
                decode_content=False,
            ) as response:
                content = self._read(operation, response)
        except urllib3.exceptions.SSLError as error:
            raise DependencyFailed(operation, _reason(error), connected=False) from None
        except urllib3.exceptions.ConnectTimeoutError as error:
            raise DependencyBusy(operation, type(error).__name__, connected=False) from None
        except (urllib3.exceptions.TimeoutError, urllib3.exceptions.ProtocolError) as error:
            raise DependencyBusy(operation, type(error).__name__) from None
        except urllib3.exceptions.HTTPError as error:
            # Not an address, for example.
            raise DependencyFailed(operation, type(error).__name__, connected=False) from None
        return Answer(response.status, content, _retry_after(response.headers.get("Retry-After")))

    def _make_pool(self) -> urllib3.PoolManager:
        context = self._context or _public_context()
        context.sslsocket_class = _bounded_socket(lambda: self._give_up - time.monotonic())
        return urllib3.PoolManager(
            ssl_context=context,
            timeout=urllib3.Timeout(connect=self._bounds.connect_seconds, read=self._bounds.read_seconds),
            retries=False,
        )

    def _read(self, operation: str, response: "BaseHTTPResponse") -> bytes:
        content = bytearray()
        while part := response.read1(65_536):
            content += part
            if len(content) > self._bounds.most_bytes:
                raise DependencyFailed(operation, "AnswerTooLarge")
        return bytes(content)


def _public_context() -> ssl.SSLContext:
    """Make the context that urllib3 would make. Done with the first request, because loading the CAs takes time."""
    context = create_urllib3_context()
    context.load_default_certs()
    return context


def _bounded_socket(seconds_left: Callable[[], float]) -> type[ssl.SSLSocket]:
    """Make a class of sockets that read only while time is left.

    A time-out is for one read only, and a server can send a header byte by byte. So each read gets what is left.
    """

    class BoundedSocket(ssl.SSLSocket):
        def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
            left = seconds_left()
            if left <= 0:
                raise TimeoutError("the exchange has taken too long")
            timeout = self.gettimeout()
            self.settimeout(left if timeout is None else min(timeout, left))
            return super().recv_into(buffer, nbytes, flags)

    return BoundedSocket


def check_status(operation: str, answer: Answer) -> None:
    """Raise DependencyBusy after an answer that may be another one later, DependencyFailed after any but 200."""
    if answer.status == HTTPStatus.OK:
        return
    busy = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
    if busy:
        raise DependencyBusy(operation, str(answer.status), answer.retry_after_seconds)
    raise DependencyFailed(operation, str(answer.status))


def client_context(certificate: str, key: str, server_ca: str | None) -> ssl.SSLContext:
    """Show a certificate, PEM with its chain, to servers that a CA of ``server_ca`` (PEM) vouches for.

    Without one the system's CAs are trusted. Raises DependencyFailed where one of them cannot be used.
    """
    try:
        context = ssl.create_default_context(cadata=server_ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # As Python 3.13 has it by itself, which is Lambda's: no older one lets in whom Lambda would not.
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        # OpenSSL reads certificates from files alone: this one is its owner's, and gone when the block ends.
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(f"{certificate}\n{key}\n")
            file.flush()
            # A key under a password must not make it ask whoever sits before the machine.
            context.load_cert_chain(file.name, password="")
    except (OSError, ValueError) as error:
        raise DependencyFailed("client_certificate", _reason(error)) from None
    return context


def _retry_after(header: str | None) -> float:
    if header is None:
        return 0.0
    try:
        return urllib3.Retry().parse_retry_after(header)
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return 0.0


def _reason(error: Exception) -> str:
    """Name what OpenSSL found, by its own constant, which repeats nothing of what it was given."""
    cause = error.args[0] if error.args and isinstance(error.args[0], ssl.SSLError) else error
    return getattr(cause, "reason", None) or type(error).__name__
