"""Who calls: with mutual TLS nobody but D1, for nobody but our issuer."""

import time
from typing import Any

import pytest

from receive_notification import answers
from receive_notification.caller import Refused, verify

ISSUER = "BANK000001"
SUBJECT = "CN=d1.example,OU=D1,O=Example\\, Inc.,C=FR"
IN_A_YEAR = time.strftime("%b %d %H:%M:%S %Y GMT", time.gmtime(time.time() + 365 * 86_400))


def event(certificate: Any, issuer: str = ISSUER) -> dict[str, Any]:
    """Make an event with a client certificate."""
    return {
        "pathParameters": {"issuerId": issuer},
        "requestContext": {"identity": {"clientCert": certificate}},
        "body": "{}",
    }


def certificate(subject: Any = SUBJECT, not_after: Any = IN_A_YEAR) -> dict[str, Any]:
    """Make a certificate as API Gateway tells it."""
    return {"subjectDN": subject, "validity": {"notAfter": not_after}}


@pytest.mark.parametrize(
    "subject",
    [
        SUBJECT,
        "C=FR,O=Example\\, Inc.,OU=D1,CN=d1.example",
        "CN=d1.example, OU=D1, O=Example\\, Inc., C=FR",
        "cn = d1.example,ou=D1,o=Example\\, Inc.,c=FR",
    ],
)
def test_d1(subject: str) -> None:
    """D1's subject is known whatever the order, spacing and case of attribute types, and any certificate with it."""
    verified = verify(event(certificate(subject)), ISSUER, SUBJECT)
    assert verified.body == "{}"
    assert verified.certificate_days_left == pytest.approx(365, abs=1)


@pytest.mark.parametrize(
    "subject",
    [
        "CN=other.example,OU=D1,O=Example\\, Inc.,C=FR",
        "CN=D1.EXAMPLE,OU=D1,O=Example\\, Inc.,C=FR",
        "CN=d1.example",
        "CN=d1.example,OU=D1,O=Example\\, Inc.,C=FR,OU=D1",
        "CN=d1.example,OU=D1,O=Example,O=Inc.,C=FR",
        "OU=d1.example,CN=D1,O=Example\\, Inc.,C=FR",
    ],
)
def test_somebody_else(subject: str) -> None:
    """A certificate that the same CA signed for somebody else is refused, however alike its subject."""
    with pytest.raises(Refused) as caught:
        verify(event(certificate(subject)), ISSUER, SUBJECT)
    assert caught.value.answer is answers.FORBIDDEN


@pytest.mark.parametrize(
    "presented", [None, "", "text", {}, certificate(None), certificate(""), certificate(" "), certificate(5)]
)
def test_no_certificate(presented: Any) -> None:
    """Without a readable certificate nothing is taken."""
    with pytest.raises(Refused) as caught:
        verify(event(presented), ISSUER, SUBJECT)
    assert caught.value.answer is answers.UNAUTHENTICATED


@pytest.mark.parametrize("context", [None, {}, {"identity": None}, {"identity": {}}])
def test_no_mutual_tls(context: Any) -> None:
    """An event that knows of no certificate at all is one without."""
    with pytest.raises(Refused) as caught:
        verify({"pathParameters": {"issuerId": ISSUER}, "requestContext": context}, ISSUER, SUBJECT)
    assert caught.value.answer is answers.UNAUTHENTICATED


def test_another_issuer() -> None:
    """D1 itself is told that another issuer is not served here; somebody else is not even told that."""
    with pytest.raises(Refused) as caught:
        verify(event(certificate(), "BANK999999"), ISSUER, SUBJECT)
    assert caught.value.answer is answers.OTHER_ISSUER
    with pytest.raises(Refused) as caught:
        verify(event(certificate("CN=x"), "BANK999999"), ISSUER, SUBJECT)
    assert caught.value.answer is answers.FORBIDDEN


def test_development_stack() -> None:
    """A stack without mutual TLS asks for no certificate, and for its issuer all the same."""
    assert verify(event(None), ISSUER, None).certificate_days_left is None
    with pytest.raises(Refused):
        verify(event(None, "BANK999999"), ISSUER, None)


@pytest.mark.parametrize("not_after", [None, "", "soon", 5, {}])
def test_unreadable_end(not_after: Any) -> None:
    """A certificate whose end cannot be read is not refused for that: the gateway has checked it."""
    assert verify(event(certificate(not_after=not_after)), ISSUER, SUBJECT).certificate_days_left is None
    assert verify(event({"subjectDN": SUBJECT}), ISSUER, SUBJECT).certificate_days_left is None


def test_token_is_checked_before_the_path() -> None:
    """A stranger without a valid token does not learn which issuer this address serves."""
    event = {"pathParameters": {"issuerId": "ANOTHER000"}, "headers": {"authorization": "Bearer abc"}, "body": "{}"}

    with pytest.raises(Refused) as refusal:
        verify(event, "BANK000001", None, lambda _: False)
    assert refusal.value.answer is answers.TOKEN_REFUSED
