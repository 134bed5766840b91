"""Who may call: with mutual TLS nobody but D1, and in doubt nobody at all."""

import time
from typing import Any, Final

import pytest

from receive_notification import answers
from receive_notification.caller import Refused, VerifiedRequest, verify

ISSUER: Final = "BANK000001"
SUBJECT: Final = "CN=d1.thalescloud.io,OU=Banking\\, Payment,O=Thales DIS,C=FR"
DAY: Final = 86_400


def certificate(subject: Any = SUBJECT, **more: Any) -> dict[str, Any]:
    """Write a client certificate as API Gateway tells it."""
    return {
        "clientCertPem": "-----BEGIN CERTIFICATE-----",
        "subjectDN": subject,
        "issuerDN": "CN=Some CA,C=FR",
        "serialNumber": "a1:b2",
        "validity": {"notBefore": "Jan  1 00:00:00 2026 GMT", "notAfter": expiry(30)},
        **more,
    }


def expiry(days: float) -> str:
    """Write a date in so many days as API Gateway does, days of one digit padded by a blank."""
    moment = time.gmtime(time.time() + days * DAY)
    return time.strftime(f"%b {moment.tm_mday:>2} %H:%M:%S %Y GMT", moment)


def event(identity: Any, issuer: str = ISSUER) -> dict[str, Any]:
    """Write the event of a request from somebody."""
    return {"pathParameters": {"issuerId": issuer}, "requestContext": {"identity": identity}, "body": "{}"}


def verified(identity: Any, subject: str | None = SUBJECT) -> VerifiedRequest:
    """Let the caller be checked."""
    return verify(event(identity), ISSUER, subject)


@pytest.mark.parametrize(
    "subject",
    [
        SUBJECT,
        "C=FR,O=Thales DIS,OU=Banking\\, Payment,CN=d1.thalescloud.io",
        "CN=d1.thalescloud.io, OU=Banking\\, Payment, O=Thales DIS, C=FR",
        "cn=d1.thalescloud.io,ou=Banking\\, Payment,o=Thales DIS,c=FR",
        " CN = d1.thalescloud.io , OU = Banking\\, Payment , O = Thales DIS , C = FR ",
    ],
)
def test_d1_is_let_in(subject: str) -> None:
    """D1's certificate is known by its subject, in whichever order and spacing that is written."""
    assert verified({"clientCert": certificate(subject)}).body == "{}"


def test_d1_may_renew_its_certificate() -> None:
    """Serial number, validity and the certificate itself may change: D1 rotates it."""
    renewed = certificate(serialNumber="ff:ff", clientCertPem="another", validity={"notAfter": expiry(365)})

    assert verified({"clientCert": renewed}).body == "{}"


@pytest.mark.parametrize(
    "identity",
    [
        None,
        {},
        {"sourceIp": "192.0.2.1"},
        {"clientCert": None},
        {"clientCert": {}},
        {"clientCert": "CN=d1.thalescloud.io"},
        {"clientCert": [certificate()]},
        {"clientCert": certificate(None)},
        {"clientCert": certificate("")},
        {"clientCert": certificate("  ")},
        {"clientCert": certificate([SUBJECT])},
        {"clientCert": {name: value for name, value in certificate().items() if name != "subjectDN"}},
    ],
)
def test_without_a_readable_certificate_nobody_is_let_in(identity: Any) -> None:
    """No certificate, or one that cannot be read, is 401: closed in doubt."""
    with pytest.raises(Refused) as refusal:
        verified(identity)

    assert refusal.value.answer is answers.UNAUTHENTICATED


@pytest.mark.parametrize(
    "subject",
    [
        "CN=d1.otherbank.example,OU=Banking\\, Payment,O=Thales DIS,C=FR",
        "CN=d1.thalescloud.io.attacker.example,OU=Banking\\, Payment,O=Thales DIS,C=FR",
        "CN=D1.thalescloud.io,OU=Banking\\, Payment,O=Thales DIS,C=FR",
        "CN=d1.thalescloud.io",
        SUBJECT + ",L=Paris",
        SUBJECT + ",CN=d1.thalescloud.io",
        "O=Attacker\\,CN=d1.thalescloud.io,OU=Banking\\, Payment,O=Thales DIS,C=FR",
        'O="Attacker,CN=d1.thalescloud.io",OU=Banking\\, Payment,O=Thales DIS,C=FR',
        "CN=Attacker+CN=d1.thalescloud.io,OU=Banking\\, Payment,O=Thales DIS,C=FR",
        "CN=d1.thalescloud.io,OU=Banking,Payment,O=Thales DIS,C=FR",
        "CN=*",
        ",",
    ],
)
def test_another_customer_of_the_same_ca_is_refused(subject: str) -> None:
    """A valid certificate of another subject is 403, however alike: longer, shorter, with D1's name inside a value."""
    with pytest.raises(Refused) as refusal:
        verified({"clientCert": certificate(subject)})

    assert refusal.value.answer is answers.FORBIDDEN


def test_another_issuers_path_is_refused() -> None:
    """D1 itself may not write to this stack for another bank."""
    with pytest.raises(Refused) as refusal:
        verify(event({"clientCert": certificate()}, issuer="BANK000002"), ISSUER, SUBJECT)

    assert refusal.value.answer is answers.OTHER_ISSUER


def test_a_refusal_repeats_nothing() -> None:
    """What a stranger sends is in neither the answer nor the reason that is logged."""
    with pytest.raises(Refused) as refusal:
        verified({"clientCert": certificate("CN=strange word")})

    assert "strange" not in refusal.value.why
    assert "strange" not in str(refusal.value.answer)


def test_a_development_stack_asks_for_nothing() -> None:
    """Without a subject to hold callers to there is no mutual TLS, and no time left to tell."""
    assert verified(None, subject=None) == VerifiedRequest("{}", None)


@pytest.mark.parametrize("days", [30, 1, -1])
def test_the_time_left_is_told(days: int) -> None:
    """Each call tells in how many days D1's certificate expires, so that its end surprises nobody."""
    left = verified({"clientCert": certificate(validity={"notAfter": expiry(days)})}).certificate_days_left

    assert left == pytest.approx(days, abs=0.01)


@pytest.mark.parametrize(
    "validity", [None, {}, "soon", {"notAfter": None}, {"notAfter": "2026-08-05"}, {"notAfter": 5}]
)
def test_an_unreadable_date_stops_nobody(validity: Any) -> None:
    """The gateway has checked the date already; that we cannot read it costs the metric and not the notification."""
    assert verified({"clientCert": certificate(validity=validity)}).certificate_days_left is None
