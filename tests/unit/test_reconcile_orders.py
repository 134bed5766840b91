"""Which cards are to be reconciled, and where D1 is."""

from typing import Any

import pytest

from card_tracking.errors import InvalidQuery
from reconcile_cards.orders import MOST_CARDS, read_order
from reconcile_cards.settings import ReconcileSettings
from tests.samples import instant

SECRET = "4111111111111111"
NOW = instant("2026-03-10T12:00:00Z")
ENVIRONMENT = {
    "ISSUER_ID": "BANK000001",
    "D1_API_URL": "https://d1.example/",
    "D1_TOKEN_URL": "",
    "D1_TOKEN_AUDIENCE": "",
    "D1_CLIENT_ID": "",
    "D1_SIGNING_KEY_ID": "key",
    "D1_CREDENTIALS_ARN": "arn",
    "SILENT_DAYS": "3",
    "CARDS_A_SECOND": "5",
}


def test_an_order_without_a_word() -> None:
    """It is the schedule's: the cards of the stack's number of days, at the stack's pace, in earnest."""
    order = read_order({})

    assert order.card_ids is None
    assert order.since(3 * 86_400, NOW) == instant("2026-03-07T12:00:00Z")
    assert order.cards_a_second is None
    assert not order.dry_run


def test_every_word() -> None:
    """Times are read with their offset."""
    order = read_order({"silentSince": "2026-03-09T12:00:00+02:00", "cardsASecond": 0.5, "dryRun": True})

    assert order.since(3 * 86_400, NOW) == instant("2026-03-09T10:00:00Z")
    assert order.cards_a_second == 0.5
    assert order.dry_run


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (None, "request"),
        ([], "request"),
        ({"cardId": SECRET}, "cardId"),
        ({"cardIds": SECRET}, "cardIds"),
        ({"cardIds": []}, "cardIds"),
        ({"cardIds": [SECRET + "/.."]}, "cardIds.0"),
        ({"cardIds": ["x" * 49]}, "cardIds.0"),
        ({"cardIds": ["x"] * (MOST_CARDS + 1)}, "cardIds"),
        ({"silentSince": SECRET + "x"}, "silentSince"),
        ({"silentSince": "2026-03-02T10:00:00"}, "silentSince"),
        ({"cardIds": ["x"], "silentSince": "2026-03-02T10:00:00Z"}, "request"),
        ({"cardsASecond": 0}, "cardsASecond"),
        ({"cardsASecond": 101}, "cardsASecond"),
        ({"dryRun": "perhaps"}, "dryRun"),
        # An event of EventBridge, where somebody takes the schedule's input away.
        ({"detail-type": "Scheduled Event", "time": "2026-03-02T10:00:00Z"}, "detail-type"),
    ],
)
def test_refused(event: Any, field: str) -> None:
    """An order that makes no sense is refused, and told what is wrong without a value of it."""
    with pytest.raises(InvalidQuery) as caught:
        read_order(event)
    assert f"{field}: " in str(caught.value)
    assert SECRET not in str(caught.value)


def test_d1s_documented_values_are_the_defaults() -> None:
    """With D1's address alone, token and claims are as its documentation has them."""
    settings = ReconcileSettings.from_environment(ENVIRONMENT)

    assert settings.d1_api_url == "https://d1.example"
    assert settings.token_url == "https://d1.example/authz/v1/oauth2/token"
    assert settings.token_audience == "https://d1.example"
    assert settings.client_id == "BANK000001"


def test_each_can_be_told() -> None:
    """A tenant behind an aggregator has others."""
    told = {"D1_TOKEN_URL": "https://t.example/x", "D1_TOKEN_AUDIENCE": "a", "D1_CLIENT_ID": "c"}

    settings = ReconcileSettings.from_environment(ENVIRONMENT | told)

    assert (settings.token_url, settings.token_audience, settings.client_id) == ("https://t.example/x", "a", "c")
