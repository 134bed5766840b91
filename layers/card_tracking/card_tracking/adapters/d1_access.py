"""Who we are to D1: a client certificate, and an access token by OAuth's JWT bearer flow (RFC 7523).

Source: D1's pages "Set up TLS mutual authentication" and "Get OAuth 2.0 access token".
"""

import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

from card_tracking.adapters.https import Bounds, HttpsClient, check_status, client_context
from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed
from card_tracking.wire.d1_access import D1Credentials, read_credentials, read_token

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALGORITHM: Final = "ES256"
"""The only one that D1 takes."""
BOUNDS: Final = Bounds(connect_seconds=3.0, read_seconds=6.0, most_bytes=1_000_000)
"""Some thousand times the status of a card."""
ASSERTION_SECONDS: Final = 300
"""D1 takes up to 15 minutes. It is used at once, and the clocks may differ a little."""
SPARE_SECONDS: Final = 30.0
"""A token is renewed so long before it ends."""


@dataclass(frozen=True, slots=True)
class D1Client:
    """What D1 knows us by, and where it gives its tokens."""

    client_id: str
    """The issuer's id, or that of an aggregator."""
    signing_key_id: str
    token_url: str
    audience: str


class D1Access:
    """The client certificate and the access token, both kept while they are good."""

    def __init__(self, client: D1Client, secret: Secret) -> None:
        """Read the secret, and ask for a token, only when they are needed."""
        self._client = client
        self._secret = secret
        self._credentials: D1Credentials | None = None
        self._https: HttpsClient | None = None
        self._token = ""
        self._good_until = float("-inf")

    def https(self, deadline: Deadline) -> HttpsClient:
        """Return the way to D1, a new one where the secret has changed. Raises DependencyFailed or OutOfTime."""
        credentials = read_credentials(self._secret.versions(deadline)[0])
        if self._https is None or credentials != self._credentials:
            context = client_context(credentials.client_certificate, credentials.client_key, credentials.server_ca)
            self._https = HttpsClient(BOUNDS, context)
            self._credentials = credentials
            self.forget_token()
        return self._https

    def token(self, deadline: Deadline) -> str:
        """Return a token that is good for a while yet. Raises DependencyFailed or OutOfTime."""
        https = self.https(deadline)
        if time.monotonic() > self._good_until:
            answer = https.exchange(
                "d1_token",
                "POST",
                self._client.token_url,
                {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                deadline,
                body=urlencode({"grant_type": GRANT_TYPE, "assertion": self._assertion()}),
            )
            check_status("d1_token", answer)
            token = read_token(answer.body)
            self._token = token.access_token
            self._good_until = time.monotonic() + token.expires_in - SPARE_SECONDS
        return self._token

    def forget_token(self) -> None:
        """Ask for a new one next time: D1 may stop taking one before it ends."""
        self._good_until = float("-inf")

    def _assertion(self) -> str:
        """Sign who we are, for one use."""
        import jwt  # noqa: PLC0415  # with cryptography, which no other function imports

        issued = int(time.time())
        claims = {
            "iss": self._client.client_id,
            "sub": self._client.client_id,
            "aud": self._client.audience,
            "iat": issued,
            "exp": issued + ASSERTION_SECONDS,
            "jti": str(uuid4()),
        }
        signing_key = self._credentials.signing_key if self._credentials else ""
        try:
            return jwt.encode(claims, signing_key, ALGORITHM, headers={"kid": self._client.signing_key_id})
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            # Its text can repeat a part of the key.
            raise DependencyFailed("d1_signing_key", type(error).__name__) from None
