"""D1's own side of a question: it checks who asks as its documentation says, and answers about the cards it knows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ssl import CERT_REQUIRED, PROTOCOL_TLS_SERVER, SSLContext, TLSVersion
from typing import Any, Final
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.d1.server import Call, Server, Told, serving
from tests.samples import body
from tests.security.certificates import Authority, Credentials

KEY_ID: Final = "bank-2026"
TOKEN_PATH: Final = "/authz/v1/oauth2/token"


@dataclass(slots=True)
class D1:
    """What it knows, whom it trusts, and how it is to misbehave."""

    issuer_id: str
    public_key: ec.EllipticCurvePublicKey
    url: str = ""
    cards: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[Told | None] = field(default_factory=list)
    """Answers to the next questions instead of its own; None for its own."""
    token_faults: list[Told | None] = field(default_factory=list)
    """The same for requests for a token."""
    down: bool = False
    token_lifetime: object = 900
    tokens_given: int = 0
    valid_token: str = ""
    assertions: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    correlation_ids: list[str] = field(default_factory=list)

    def answer(self, call: Call) -> Told:
        """Answer one call."""
        assert call.headers["accept"] == "application/json"
        if self.down:
            return Told(hang_up=True)
        return self._token(call) if (call.method, call.path) == ("POST", TOKEN_PATH) else self._status(call)

    def _token(self, call: Call) -> Told:
        form = parse_qs(call.body)
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        (assertion,) = form["assertion"]
        assert jwt.get_unverified_header(assertion)["kid"] == KEY_ID
        claims = jwt.decode(assertion, self.public_key, algorithms=["ES256"], audience=self.url, issuer=self.issuer_id)
        assert claims["sub"] == self.issuer_id
        assert claims["exp"] - claims["iat"] <= 900
        assert claims["jti"] not in {one["jti"] for one in self.assertions}
        self.assertions.append(claims)
        fault = self.token_faults.pop(0) if self.token_faults else None
        if fault is not None:
            return fault
        self.tokens_given += 1
        self.valid_token = f"token-{self.tokens_given}"
        return Told(200, json.dumps({"access_token": self.valid_token, "expires_in": self.token_lifetime}))

    def _status(self, call: Call) -> Told:
        parts = call.path.split("/")
        assert call.method == "GET"
        assert parts[:5] == ["", "banking", "v1", "issuers", self.issuer_id]
        assert (parts[5], parts[7], len(parts)) == ("physicalCards", "productionStatus", 8)
        if call.headers.get("authorization") != f"Bearer {self.valid_token}":
            return Told(401, "{}")
        self.asked.append(parts[6])
        self.correlation_ids.append(call.headers["x-correlation-id"])
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return fault
        if parts[6] not in self.cards:
            return Told(404, '{"errorCode": "NOT_FOUND"}')
        return Told(200, body(*self.cards[parts[6]]))


@dataclass(frozen=True, slots=True)
class Bank:
    """What the bank holds: a certificate that Thales signed, and a signing key whose other half Thales has."""

    issuer_id: str
    certificate: Credentials
    signing_key: ec.EllipticCurvePrivateKey
    server_ca: Authority

    def secret(self, **changed: str) -> str:
        """Write the secret in which the product finds them."""
        pem = self.certificate.pem.read_text()
        end = "-----END CERTIFICATE-----\n"
        certificate, key = pem.split(end)
        document = {
            "clientCertificate": certificate + end,
            "clientKey": key,
            "signingKey": pem_of(self.signing_key),
            "serverCa": self.server_ca.certificate.read_text(),
        }
        return json.dumps(document | changed)


def known_bank(issuer_id: str, thales: Authority, public: Authority) -> Bank:
    """Set up a bank that Thales knows, and that trusts the public authority of D1's server."""
    certificate = thales.client("bank", f"CN={issuer_id},O=Bank,C=FR")
    return Bank(issuer_id, certificate, ec.generate_private_key(ec.SECP256R1()), public)


def pem_of(key: ec.EllipticCurvePrivateKey, password: str | None = None) -> str:
    """Write a private key."""
    encryption = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


@contextmanager
def running_d1(bank: Bank, server: Credentials, truststore: Authority, port: int = 0) -> Iterator[tuple[D1, Server]]:
    """Run D1 with mutual TLS: nobody is let in whom the truststore does not vouch for."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.minimum_version = TLSVersion.TLSv1_2
    context.load_cert_chain(server.pem)
    context.load_verify_locations(truststore.certificate)
    context.verify_mode = CERT_REQUIRED
    d1 = D1(bank.issuer_id, bank.signing_key.public_key())
    with serving(d1.answer, context, port) as running:
        d1.url = running.url
        yield d1, running
