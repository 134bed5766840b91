"""HTTPS to those who are not AWS: one exchange at a time, bounded in time and size, its errors translated once."""

import ssl
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import urllib3

from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyBusy, DependencyFailed

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long one exchange may take, and how much may come of it."""

    connect_seconds: float
    read_seconds: float
    """Until the first byte, from any byte to the next, and for all of them."""
    most_bytes: int

    @property
    def exchange_seconds(self) -> float:
        """The longest that it can take; the second read is the one under way when an answer is given up as too slow."""
        return self.connect_seconds + 2 * self.read_seconds


class Answer(NamedTuple):
    """What the other side answered, whatever it was."""

    status: int
    body: bytes
    retry_after_seconds: float
    """How long it asks to be left alone; 0 where it does not say."""


class HttpsClient:
    """Keeps connections open to those whom it has asked. Follows no redirect and no proxy, and tries nothing again."""

    def __init__(self, bounds: Bounds, context: ssl.SSLContext | None = None) -> None:
        """Take the bounds of each exchange, and a ``client_context``; without one, be nobody and trust public CAs."""
        self._bounds = bounds
        self._pool = urllib3.PoolManager(
            ssl_context=context,
            timeout=urllib3.Timeout(connect=bounds.connect_seconds, read=bounds.read_seconds),
            retries=False,
        )

    def exchange(
        self, operation: str, method: str, url: str, headers: Mapping[str, str], deadline: Deadline, body: str = ""
    ) -> Answer:
        """Send one request and read its answer, of whatever status; ``operation`` is its name in errors.

        Raises DependencyBusy where trying again can help, DependencyFailed where it cannot, OutOfTime where the time
        left does not hold it. The error below is not chained: its text repeats the address.
        """
        if not url.startswith("https://"):
            raise DependencyFailed(operation, "NotHttps")
        # Nothing is sent with less left beside the deadline's own reserve.
        deadline.keeping(self._bounds.exchange_seconds).check()
        give_up = time.monotonic() + self._bounds.connect_seconds + self._bounds.read_seconds
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
                content = self._read(operation, response, give_up)
        except urllib3.exceptions.SSLError as error:
            raise DependencyFailed(operation, _reason(error)) from None
        except (urllib3.exceptions.TimeoutError, urllib3.exceptions.ProtocolError) as error:
            raise DependencyBusy(operation, type(error).__name__) from None
        except urllib3.exceptions.HTTPError as error:
            raise DependencyFailed(operation, type(error).__name__) from None
        return Answer(response.status, content, _retry_after(response.headers.get("Retry-After")))

    def _read(self, operation: str, response: "BaseHTTPResponse", give_up: float) -> bytes:
        content = bytearray()
        while part := response.read1(65_536):
            content += part
            if len(content) > self._bounds.most_bytes:
                raise DependencyFailed(operation, "AnswerTooLarge")
            if time.monotonic() > give_up:
                raise DependencyBusy(operation, "AnswerTooSlow")
        return bytes(content)


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
