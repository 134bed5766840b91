"""Who calls: with mutual TLS, nobody but D1.

API Gateway checks that the client certificate was signed by a CA of the truststore. The CA that signs D1's certificate
may sign other companies' too, so the subject is checked here. The certificate itself is never pinned: D1 rotates it
(contract, "The call").
"""

import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from receive_notification import answers, request
from receive_notification.answers import Answer

TokenCheck: TypeAlias = Callable[[str], bool]

SECONDS_A_DAY: Final = 86_400
_COMMA: Final = re.compile(r"(?<!\\),")


class Refused(Exception):
    """The caller may not say anything; ``answer`` is what it gets."""

    def __init__(self, answer: Answer, why: str) -> None:
        super().__init__(why)
        self.answer = answer
        self.why = why


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """A request of which it is known that D1 made it, for this issuer. Nothing is stored from any other type."""

    body: str
    certificate_days_left: float | None
    """Until D1's certificate expires; None where there is no mutual TLS."""


def verify(
    event: Mapping[str, Any],
    issuer_id: str,
    client_certificate_subject: str | None,
    token_check: TokenCheck | None = None,
) -> VerifiedRequest:
    """Check who calls, and for whom, before anything of the body is read.

    ``client_certificate_subject`` is the distinguished name that D1's certificate must have; None on a development
    stack, which has no mutual TLS. ``token_check`` says whether an access token is valid; None where none is asked
    for. Raises Refused: 401 without a readable certificate or a valid token, 403 for somebody else's certificate, 404
    for another issuer.
    """
    days_left = None if client_certificate_subject is None else verify_certificate(event, client_certificate_subject)
    if token_check is not None and not token_check(request.bearer_token(event)):
        raise Refused(answers.TOKEN_REFUSED, "no valid access token")
    if request.issuer_id(event) != issuer_id:
        raise Refused(answers.OTHER_ISSUER, "another issuer")
    return VerifiedRequest(request.body_text(event), days_left)


def verify_certificate(event: Mapping[str, Any], expected_subject: str) -> float | None:
    """Check the client certificate; return the days until it expires, None where that cannot be read."""
    certificate = ((event.get("requestContext") or {}).get("identity") or {}).get("clientCert")
    if not isinstance(certificate, Mapping):
        raise Refused(answers.UNAUTHENTICATED, "no client certificate")
    subject = certificate.get("subjectDN")
    if not isinstance(subject, str) or not subject.strip():
        raise Refused(answers.UNAUTHENTICATED, "client certificate without subject")
    if _names(subject) != _names(expected_subject):
        raise Refused(answers.FORBIDDEN, "client certificate of another subject")
    return _days_left(certificate)


def _names(distinguished_name: str) -> list[str]:
    """Take a distinguished name apart: writers differ in order and spacing, and in the case of attribute types."""
    parts = [part.strip().partition("=") for part in _COMMA.split(distinguished_name)]
    return sorted(f"{kind.strip().upper()}={value.strip()}" for kind, _, value in parts)


def _days_left(certificate: Mapping[str, Any]) -> float | None:
    """Read ``validity.notAfter``, such as ``Aug  5 00:28:21 2120 GMT``; None where it cannot be read."""
    try:
        return (ssl.cert_time_to_seconds(certificate["validity"]["notAfter"]) - time.time()) / SECONDS_A_DAY
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
