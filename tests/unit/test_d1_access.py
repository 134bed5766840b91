"""D1's access tokens: how long one is assumed to be good."""

import pytest

from card_tracking.errors import DependencyFailed
from card_tracking.wire.d1_access import read_token


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ('{"access_token": "t"}', 300),
        ('{"access_token": "t", "expires_in": null}', 300),
        ('{"access_token": "t", "expires_in": ""}', 300),
        ('{"access_token": "t", "expires_in": "900"}', 900),
        ('{"access_token": "t", "expires_in": 60.5}', 60.5),
    ],
)
def test_token_is_good_for_as_long_as_it_says(answer: str, seconds: float) -> None:
    """The lifetime is a number or its text; a token without one is renewed after five minutes."""
    assert read_token(answer.encode()).expires_in == seconds


@pytest.mark.parametrize("answer", ["", "{}", '{"access_token": ""}', '{"access_token": "two words"}'])
def test_answer_without_a_token_is_a_failure(answer: str) -> None:
    """A text that no header takes is no token."""
    with pytest.raises(DependencyFailed, match="d1_token"):
        read_token(answer.encode())
