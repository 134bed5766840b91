"""D1's own answer about a card, on demand (contract, "On demand"; D1's page "Track orders on demand")."""

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from card_tracking.adapters.d1_access import D1Access
from card_tracking.adapters.https import Answer, check_status
from card_tracking.deadline import Deadline
from card_tracking.errors import DependencyFailed

OPERATION: Final = "production_status"
_OF_EVERY_CARD: Final = frozenset({str(HTTPStatus.UNAUTHORIZED.value), str(HTTPStatus.TOO_MANY_REQUESTS.value)})
"""Statuses that say nothing about a card: D1 refuses even a new token, or is asked too fast.

Not 403: it comes with a token that D1 accepts, and the contract does not describe it. It can mean that this card is not
ours to see (another issuer's by now, erased), or that we may see none any more.
"""
_CARD_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,48}")


class D1Api:
    """D1's API for one issuer, under its address."""

    def __init__(self, access: D1Access, url: str, issuer_id: str) -> None:
        """Ask at ``url``, such as ``https://api.d1.thalescloud.io``."""
        self._access = access
        self._url = f"{url}/banking/v1/issuers/{quote(issuer_id, safe='')}/physicalCards"

    def production_status(self, card_id: str, correlation_id: str, deadline: Deadline) -> str | None:
        """Return the body of D1's answer about a card, in the form of a notification; None where D1 knows no such card.

        ``correlation_id`` is how Thales finds the question again. Raises DependencyBusy where D1 may answer later,
        DependencyFailed where it will not, OutOfTime where the time left does not hold the question. See
        ``concerns_every_card`` for what a failure says about other cards.
        """
        if _CARD_ID.fullmatch(card_id) is None:
            # No card of D1's is called so; in an address it could even lead elsewhere.
            return None
        answer = self._ask(card_id, correlation_id, deadline)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._access.forget_token()
            answer = self._ask(card_id, correlation_id, deadline)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        check_status(OPERATION, answer)
        return answer.body.decode("utf-8", "replace")

    def _ask(self, card_id: str, correlation_id: str, deadline: Deadline) -> Answer:
        headers = {
            "Authorization": f"Bearer {self._access.token(deadline)}",
            "Accept": "application/json",
            "x-correlation-id": correlation_id,
        }
        url = f"{self._url}/{card_id}/productionStatus"
        return self._access.https(deadline).exchange(OPERATION, "GET", url, headers, deadline)


def concerns_every_card(failure: DependencyFailed) -> bool:
    """Return whether a failure of ``D1Api.production_status`` would meet any card.

    It would if there is no usable secret or token, no connection to D1, a refusal of the new token, or a request to
    slow down. Of any other failure nobody can know: it can be about the card, or D1 can be down.
    """
    return failure.operation != OPERATION or not failure.connected or failure.code in _OF_EVERY_CARD
