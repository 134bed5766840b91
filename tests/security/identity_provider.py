"""An identity provider: keys, the set that it publishes, tokens, and a server with TLS that can go wrong."""

import base64
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final, TypeAlias

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from receive_notification.settings import TokenProvider
from tests.security.certificates import HOST, Credentials

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Json: TypeAlias = dict[str, Any]

PROVIDER: Final = TokenProvider(
    issuer="https://login.bank.example/cards",
    audience="api://card-notifications",
    key_set_url="https://login.bank.example/cards/keys",
    client_claim="client_id",
    client_id="thales-d1",
)
PATH: Final = "/cards/keys"

RSA_KEY: Final = rsa.generate_private_key(65537, 2048)
EC_KEY: Final = ec.generate_private_key(ec.SECP256R1())
ED_KEY: Final = ed25519.Ed25519PrivateKey.generate()
STRANGE_KEY: Final = rsa.generate_private_key(65537, 2048)


def published(key: PrivateKey, kid: str | None, **more: Any) -> Json:
    """Write the entry of a key set for a key."""
    entry: Json
    match key:
        case rsa.RSAPrivateKey():
            entry = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case ec.EllipticCurvePrivateKey():
            entry = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case _:
            entry = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    entry.pop("key_ops", None)
    return entry | ({"kid": kid} if kid else {}) | more


def key_set(*entries: Json) -> bytes:
    """Write a key set."""
    return json.dumps({"keys": entries}).encode()


def claims(**changed: Any) -> Json:
    """Write what a token of D1 claims, changed; None leaves a claim out."""
    now = int(time.time())
    content = {
        "iss": PROVIDER.issuer,
        "aud": PROVIDER.audience,
        "sub": "thales-d1",
        "client_id": PROVIDER.client_id,
        "iat": now,
        "nbf": now,
        "exp": now + 3_600,
    } | changed
    return {name: value for name, value in content.items() if value is not None}


def token(key: Any = RSA_KEY, algorithm: str = "RS256", kid: str | None = "rsa", **changed: Any) -> str:
    """Sign a token of D1, changed."""
    return signed(claims(**changed), key, algorithm, {"kid": kid} if kid else {})


def signed(content: Json, key: Any, algorithm: str, headers: Json) -> str:
    """Sign whatever it says, also what jwt.encode would not write."""
    return jwt.PyJWS().encode(json.dumps(content).encode(), key, algorithm, headers)


def by_hand(header: Json, content: Json, sign: Callable[[bytes], bytes]) -> str:
    """Write a token that no library would."""
    parts = [_base64url(json.dumps(part).encode()) for part in (header, content)]
    signing_input = ".".join(parts).encode()
    return ".".join([*parts, _base64url(sign(signing_input))])


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    """Write a public key as everybody can have it."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class KeyServer:
    """Where the key set is published; what it answers can be changed while it runs."""

    def __init__(self, port: int) -> None:
        self.url = f"https://{HOST}:{port}{PATH}"
        self.asked: list[str] = []
        self.answers(key_set(published(RSA_KEY, "rsa")))

    def answers(
        self, content: bytes, status: int = 200, headers: Mapping[str, str] | None = None, pause: float = 0.0
    ) -> None:
        """Answer this from now on, with a pause after each quarter; a header of "" is left out."""
        self.content, self.status, self.headers, self.pause = content, status, headers or {}, pause


@contextmanager
def key_server(server: Credentials) -> Iterator[KeyServer]:
    """Publish a key set until the block ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.pem)

    class Publisher(_Publisher):
        pass

    with ThreadingHTTPServer((HOST, 0), Publisher) as listener:
        Publisher.keys = KeyServer(listener.server_port)
        listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
        Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield Publisher.keys
        finally:
            listener.shutdown()


class _Publisher(BaseHTTPRequestHandler):
    keys: KeyServer

    def handle(self) -> None:
        """Leave whoever does not trust us, or has heard enough."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        """Answer what is said to be answered."""
        keys = self.keys
        keys.asked.append(self.path)
        self.send_response(keys.status)
        headers = {"Content-Length": str(len(keys.content)), **keys.headers}
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        quarter = len(keys.content) // 4 + 1
        for start in range(0, len(keys.content), quarter):
            self.wfile.write(keys.content[start : start + quarter])
            self.wfile.flush()
            time.sleep(keys.pause)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
