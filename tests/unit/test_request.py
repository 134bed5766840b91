"""What of an API Gateway event is read."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receive_notification import request

TEXT = '{"operations": [], "city": "Zürich 東京"}'


def encoded(content: bytes, content_type: str | None = "application/json") -> dict[str, Any]:
    """Make an event with a base64 body."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    return {"body": base64.b64encode(content).decode(), "isBase64Encoded": True, "headers": headers}


def test_plain_body() -> None:
    """A plain body is the text that came."""
    assert request.body_text({"body": TEXT, "isBase64Encoded": False}) == TEXT
    assert request.body_text({"body": TEXT}) == TEXT


@pytest.mark.parametrize("event", [{}, {"body": None}, {"body": ""}, {"body": None, "isBase64Encoded": True}])
def test_no_body(event: dict[str, Any]) -> None:
    """An absent body is an empty text."""
    assert request.body_text(event) == ""


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "application/octet-stream", "application/json; charset=", ""]
)
def test_base64_body(content_type: str | None) -> None:
    """A base64 body is UTF-8 where the content type does not say otherwise."""
    assert request.body_text(encoded(TEXT.encode(), content_type)) == TEXT


@pytest.mark.parametrize(
    ("charset", "content_type"),
    [
        ("utf-8", "application/json; charset=UTF-8"),
        ("utf-8", "application/json;charset=utf8"),
        ("utf-8", 'application/json; CHARSET="utf-8"; x=y'),
        ("utf-16", "application/json; charset=UTF-16"),
        ("utf-16-le", "application/json; charset=utf-16le"),
        ("utf-32", "Application/JSON; Charset=Utf-32"),
    ],
)
def test_charset(charset: str, content_type: str) -> None:
    """The charset of the content type is heeded in any case of its letters."""
    assert request.body_text(encoded(TEXT.encode(charset), content_type)) == TEXT


def test_charset_of_one_byte() -> None:
    """Charsets of one byte are known too."""
    assert request.body_text(encoded("Zürich".encode("latin-1"), "text/plain; charset=ISO-8859-1")) == "Zürich"


@pytest.mark.parametrize(
    "charset", ["klingon", "hex", "punycode", "idna", "undefined", "utf-7", "../x", "unicode_escape", "iso-8859-99"]
)
def test_charset_that_is_none(charset: str) -> None:
    """A charset that nobody should send is taken for UTF-8."""
    assert request.body_text(encoded(TEXT.encode(), f"application/json; charset={charset}")) == TEXT


def test_undecodable_bytes() -> None:
    """An undecodable byte costs one character, not the notification."""
    assert request.body_text(encoded(b'{"city": "Z\xfcrich"}')) == '{"city": "Z\ufffdrich"}'


@pytest.mark.parametrize("body", [TEXT, "not base64!", "abc", "é"])
def test_flag_that_lies(body: str) -> None:
    """Where the flag says base64 and the body is none, the body is the text."""
    assert request.body_text({"body": body, "isBase64Encoded": True}) == body


@given(st.text(), st.booleans(), st.text(), st.none() | st.binary())
def test_any_body(body: str, flag: bool, content_type: str, content: bytes | None) -> None:
    """No body, flag or content type breaks the reading of a body."""
    event: dict[str, Any] = {"body": body, "isBase64Encoded": flag, "headers": {"content-type": content_type}}
    if content is not None:
        event["body"] = base64.b64encode(content).decode()
    assert isinstance(request.body_text(event), str)


def test_card_number_as_correlation_id() -> None:
    """A card number is masked in the correlation id as well: it is in every line of the log."""
    assert request.correlation_id({"headers": {"x-correlation-id": "4111111111111111"}}) == "************1111"


@pytest.mark.parametrize("name", ["x-correlation-id", "X-Correlation-Id", "X-CORRELATION-ID"])
def test_correlation_id(name: str) -> None:
    """D1's correlation id is found whatever the case of the header's name."""
    assert request.correlation_id({"headers": {"Host": "x", name: "5f-1.a:b_c"}}) == "5f-1.a:b_c"


@pytest.mark.parametrize("value", ["", "a b", "a\nb", "x" * 129, "é", "{}", '"', None, 5])
def test_unsafe_correlation_id(value: Any) -> None:
    """A correlation id that is not safe to log is none."""
    assert request.correlation_id({"headers": {"x-correlation-id": value}}) is None


@pytest.mark.parametrize("event", [{}, {"headers": None}, {"headers": {}}, {"headers": {"x-other": "1"}}])
def test_no_correlation_id(event: dict[str, Any]) -> None:
    """The header is optional."""
    assert request.correlation_id(event) is None


def test_repeated_header() -> None:
    """Of a header repeated in other letters the last counts, as in API Gateway itself."""
    assert request.correlation_id({"headers": {"X-Correlation-Id": "first", "x-correlation-id": "last"}}) == "last"


@pytest.mark.parametrize(
    ("event", "issuer"),
    [
        ({"pathParameters": {"issuerId": "BANK000001"}}, "BANK000001"),
        ({"pathParameters": {}}, ""),
        ({"pathParameters": None}, ""),
        ({}, ""),
    ],
)
def test_issuer(event: dict[str, Any], issuer: str) -> None:
    """The issuer is the one in the path; without one it is nobody's."""
    assert request.issuer_id(event) == issuer


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"requestContext": {"requestId": "r-1"}}, "r-1"),
        ({"requestContext": {"requestId": ""}}, None),
        ({"requestContext": {"requestId": 5}}, None),
        ({"requestContext": None}, None),
        ({}, None),
    ],
)
def test_request_id(event: dict[str, Any], expected: str | None) -> None:
    """The request is named by API Gateway, or not at all."""
    assert request.request_id(event) == expected
