"""The token that D1 gets for itself where the tenant has OAuth on (contract, "The call")."""

import base64
import json
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode, urlsplit

from local.d1.connection import Certificates, Connection

SPARE_SECONDS: Final = 10.0
"""A token is renewed so long before it ends."""


class TokenRefused(Exception):
    """The token endpoint gave no token; the message says what it answered."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where D1 asks for a token, and as whom."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None


class TokenSource:
    """One token for all connections, asked for when there is none that is still good."""

    def __init__(self, credentials: Credentials, certificates: Certificates, timeout: float) -> None:
        """Ask nothing yet."""
        self._credentials = credentials
        self._connection = Connection(credentials.token_url, certificates, timeout)
        self._lock = threading.Lock()
        self._token: str | None = None
        self._good_until = 0.0

    def bearer(self) -> str:
        """Return the value of the Authorization header.

        Raises TokenRefused, and what the connection raises.
        """
        with self._lock:
            if self._token is None or time.monotonic() > self._good_until:
                self._token, seconds = self._ask()
                self._good_until = time.monotonic() + seconds - SPARE_SECONDS
            return f"Bearer {self._token}"

    def forget(self, bearer: str) -> None:
        """Ask for a new token next time, unless another connection has done so already."""
        with self._lock:
            if bearer == f"Bearer {self._token}":
                self._token = None

    def _ask(self) -> tuple[str, float]:
        credentials = self._credentials
        pair = f"{credentials.client_id}:{credentials.client_secret}".encode()
        form = {"grant_type": "client_credentials"} | ({"scope": credentials.scope} if credentials.scope else {})
        headers = {
            # base64url, as D1's documentation says: where ordinary base64 has + and /, it has - and _.
            "Authorization": f"Basic {base64.urlsafe_b64encode(pair).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        # Not kept open: the next token is asked for in an hour or so.
        with closing(self._connection) as connection:
            response, body = connection.post(urlsplit(credentials.token_url).path, urlencode(form).encode(), headers)
        if response.status != HTTPStatus.OK:
            raise TokenRefused(f"the token endpoint answered {response.status}")
        try:
            document = json.loads(body)
            # D1 takes it as a text of seconds, and so does this.
            return str(document["access_token"]), float(document["expires_in"])
        except (ValueError, KeyError, TypeError):
            raise TokenRefused("the token endpoint's answer has no access_token with its expires_in") from None
