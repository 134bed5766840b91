"""The public keys of an identity provider, fetched from its own address, and kept while it is down."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from card_tracking.adapters.https import Bounds, HttpsClient, check_status
from card_tracking.adapters.retries import insist
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed, OutOfTime

REMEMBERED_SECONDS: Final = 300.0
"""How long a key that was taken back may go on being valid here."""
PAUSE_SECONDS: Final = 5.0
"""Between two looks, whatever strangers bring and however the last one went."""
STALE_SECONDS: Final = 3_600.0
"""How long keys serve that cannot be looked at again. A provider that is down for longer has given D1 no new token."""
ATTEMPTS: Final = 2
BOUNDS: Final = Bounds(connect_seconds=0.7, read_seconds=1.2, most_bytes=262_144)
"""D1 waits for its answer meanwhile. The largest sets of keys have some ten thousand bytes."""

Key = TypeVar("Key")


class KeySet(Generic[Key]):
    """The keys at an address, looked at again every five minutes."""

    def __init__(self, url: str, read: Callable[[bytes], Sequence[Key]]) -> None:
        """Take the address, and the function that reads its answer; that raises ValueError where there are no keys."""
        if not url.startswith("https://"):
            raise ValueError("the address of a key set has to be https")
        self._url = url
        self._read = read
        self._https = HttpsClient(BOUNDS)
        self._keys: Sequence[Key] = ()
        self._read_at = self._tried_at = float("-inf")
        self._failure: str | None = None

    def keys(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[Key]:
        """Return the keys.

        ``unknown`` says that the caller met one that is not among those of the last look: it may have been made since.
        Raises DependencyFailed where none that are recent enough can be had.
        """
        now = time.monotonic()
        if (unknown or now - self._read_at > REMEMBERED_SECONDS) and now - self._tried_at > PAUSE_SECONDS:
            self._look(deadline)
        # Nobody can say that a key does not exist while the provider does not answer.
        if self._failure is not None and (unknown or now - self._read_at > STALE_SECONDS):
            raise DependencyFailed("fetch_key_set", self._failure)
        return self._keys

    def _look(self, deadline: Deadline) -> None:
        self._tried_at = time.monotonic()
        try:
            insist(lambda urls: self._fetch(urls[0], deadline), [self._url], deadline, ATTEMPTS)
        except DependencyFailed as error:
            self._failure = error.code
        except OutOfTime:
            self._failure = "OutOfTime"
        else:
            self._failure, self._read_at = None, time.monotonic()

    def _fetch(self, url: str, deadline: Deadline) -> list[str]:
        answer = self._https.exchange("fetch_key_set", "GET", url, {"Accept": "application/json"}, deadline)
        check_status("fetch_key_set", answer)
        try:
            self._keys = self._read(answer.body)
        except (ValueError, RecursionError):
            raise DependencyFailed("fetch_key_set", "Unreadable") from None
        return []
