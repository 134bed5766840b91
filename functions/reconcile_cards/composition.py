"""Puts reconciliation together, around the receiving use case."""

from card_tracking.adapters.card_status_reader import CardStatusReader
from card_tracking.adapters.clients import dynamodb_client, secrets_client
from card_tracking.adapters.d1_access import D1Access, D1Client
from card_tracking.adapters.d1_api import D1Api
from card_tracking.adapters.questions import Questions
from card_tracking.adapters.secret import Secret
from card_tracking.adapters.table import Table
from card_tracking.use_cases.receive import ReceiveNotification
from card_tracking.use_cases.reconcile import ReconcileCards
from card_tracking.use_cases.silent_cards import FindSilentCards
from receive_notification.settings import Settings
from reconcile_cards.settings import ReconcileSettings


def compose(receive: ReceiveNotification, settings: Settings, own: ReconcileSettings) -> ReconcileCards:
    """Make what every run needs; D1 is reached with the first card."""
    return ReconcileCards(
        api=compose_api(settings, own),
        receive=receive,
        questions=_questions(settings),
        issuer_id=settings.issuer_id,
        now=receive.now,
    )


def compose_api(settings: Settings, own: ReconcileSettings) -> D1Api:
    """Reach nobody yet: the secret is read, and a token asked for, with the first question."""
    client = D1Client(own.client_id, own.signing_key_id, own.token_url, own.token_audience)
    return D1Api(D1Access(client, Secret(secrets_client, own.credentials_arn)), own.d1_api_url, settings.issuer_id)


def compose_search(settings: Settings) -> FindSilentCards:
    """Reach the cards that are still in production."""
    return FindSilentCards(CardStatusReader(settings.status_table_name), _questions(settings))


def _questions(settings: Settings) -> Questions:
    return Questions(Table(dynamodb_client(), settings.status_table_name), settings.retention_days)
