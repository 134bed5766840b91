"""D1 is asked with a secret that the test says."""

from collections.abc import Sequence

from card_tracking.adapters.d1_access import D1Access, D1Client
from card_tracking.adapters.d1_api import D1Api
from card_tracking.adapters.secret import Secret
from card_tracking.deadline import Deadline
from tests.reconcile.d1_on_demand import D1, KEY_ID, TOKEN_PATH, Bank
from tests.samples import CARD


class Known(Secret):
    """A secret whose value the test says."""

    def __init__(self, value: str) -> None:
        self.value = value

    def versions(self, deadline: Deadline, *, unknown: bool = False) -> Sequence[str]:
        """Answer without a look."""
        return [self.value]


def api(url: str, secret: str | Secret) -> D1Api:
    """Reach D1 with a secret."""
    client = D1Client("BANK000001", KEY_ID, url + TOKEN_PATH, url)
    return D1Api(D1Access(client, secret if isinstance(secret, Secret) else Known(secret)), url, "BANK000001")


def ask(d1: D1, bank: Bank, card_id: str = CARD) -> str | None:
    """Ask about one card."""
    return api(d1.url, bank.secret()).production_status(card_id, "correlation-1", Deadline())
