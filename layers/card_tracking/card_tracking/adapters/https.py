"""HTTPS with a client certificate: one exchange at a time, bounded in time and size, its errors translated once."""

import ssl
import tempfile
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

import urllib3

from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyBusy, DependencyFailed

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 6.0
EXCHANGE_SECONDS: Final = CONNECT_SECONDS + 2 * READ_SECONDS
"""Nothing is sent with less than this left beside the deadline's own reserve. The second read is the one under way when
an answer is given up as too slow."""
MOST_BYTES: Final = 1_000_000
"""Of an answer: some thousand times the status of a card."""


class Answer(NamedTuple):
    """What the other side answered, whatever it was."""

    status: int
    body: bytes
    retry_after_seconds: float
    """How long it asks to be left alone; 0 where it does not say."""


class HttpsClient:
    """Keeps connections open to those whom it has asked. Follows no redirect and no proxy, and tries nothing again."""

    def __init__(self, certificate: str, key: str, server_ca: str | None) -> None:
        """Show a certificate, PEM with its chain, to servers that a CA of ``server_ca`` (PEM) vouches for.

        Without one the system's CAs are trusted. Raises DependencyFailed where one of them cannot be used.
        """
        self._pool = urllib3.PoolManager(ssl_context=_context(certificate, key, server_ca))

    def exchange(
        self, operation: str, method: str, url: str, headers: Mapping[str, str], deadline: Deadline, body: str = ""
    ) -> Answer:
        """Send one request and read its answer, of whatever status; ``operation`` is its name in errors.

        Raises DependencyBusy where trying again can help, DependencyFailed where it cannot, OutOfTime where the time
        left does not hold it. The error below is not chained: its text repeats the address.
        """
        if not url.startswith("https://"):
            raise DependencyFailed(operation, "NotHttps")
        deadline.keeping(EXCHANGE_SECONDS).check()
        give_up = time.monotonic() + CONNECT_SECONDS + READ_SECONDS
        try:
            response = self._pool.request(
                method,
                url,
                body=body or None,
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                retries=False,
                redirect=False,
                preload_content=False,
                # Nothing was said to be acceptable that would have to be unpacked.
                decode_content=False,
            )
            try:
                content = _read(operation, response, give_up)
            except BaseException:
                # What is left of it must not be taken for the answer to the next request.
                response.close()
                raise
            response.release_conn()
        except urllib3.exceptions.SSLError as error:
            raise DependencyFailed(operation, _reason(error)) from None
        except (urllib3.exceptions.TimeoutError, urllib3.exceptions.ProtocolError) as error:
            raise DependencyBusy(operation, type(error).__name__) from None
        except urllib3.exceptions.HTTPError as error:
            raise DependencyFailed(operation, type(error).__name__) from None
        return Answer(response.status, content, _retry_after(response.headers.get("Retry-After")))


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


def _context(certificate: str, key: str, server_ca: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=server_ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # OpenSSL reads certificates from files alone: this one is its owner's, and gone when the block ends.
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(f"{certificate}\n{key}\n")
            file.flush()
            # A key under a password must not make it ask whoever sits before the machine.
            context.load_cert_chain(file.name, password="")
    except (OSError, ValueError) as error:
        raise DependencyFailed("client_certificate", _reason(error)) from None
    return context


def _read(operation: str, response: "BaseHTTPResponse", give_up: float) -> bytes:
    content = bytearray()
    while part := response.read1(65_536):
        content += part
        if len(content) > MOST_BYTES:
            raise DependencyFailed(operation, "AnswerTooLarge")
        if time.monotonic() > give_up:
            raise DependencyBusy(operation, "AnswerTooSlow")
    return bytes(content)


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
