"""What the template tells this function."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenProvider:
    """An identity provider of the issuer's own, and what of its tokens makes them D1's."""

    issuer: str
    audience: str
    key_set_url: str
    client_claim: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of the function, read once."""

    issuer_id: str
    status_table_name: str
    alert_topic_arn: str
    relay_alerts_function_arn: str
    rejected_queue_url: str
    alert_statuses: frozenset[str]
    retention_days: int
    client_certificate_subject: str | None
    """The distinguished name of D1's client certificate; None on a development stack, without mutual TLS."""
    signing_key_arn: str | None
    """The secret that D1's access tokens are signed with; None where no tokens are asked for, or a provider's."""
    token_provider: TokenProvider | None
    """Whose tokens D1 brings instead; None where it is not asked for any, or for ours."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises KeyError or ValueError where the template and this module do not agree."""
        statuses = environment["ALERT_STATUSES"].split(",")
        return cls(
            issuer_id=environment["ISSUER_ID"],
            status_table_name=environment["STATUS_TABLE_NAME"],
            alert_topic_arn=environment["ALERT_TOPIC_ARN"],
            relay_alerts_function_arn=environment["RELAY_ALERTS_FUNCTION_ARN"],
            rejected_queue_url=environment["REJECTED_QUEUE_URL"],
            alert_statuses=frozenset(status.strip() for status in statuses if status.strip()),
            retention_days=int(environment["RETENTION_DAYS"]),
            client_certificate_subject=environment.get("CLIENT_CERTIFICATE_SUBJECT") or None,
            signing_key_arn=environment.get("SIGNING_KEY_ARN") or None,
            token_provider=_token_provider(environment),
        )


def _token_provider(environment: Mapping[str, str]) -> TokenProvider | None:
    if not environment.get("TOKEN_ISSUER"):
        return None
    return TokenProvider(
        issuer=environment["TOKEN_ISSUER"],
        audience=environment["TOKEN_AUDIENCE"],
        key_set_url=environment["TOKEN_KEY_SET_URL"],
        client_claim=environment["TOKEN_CLIENT_CLAIM"],
        client_id=environment["TOKEN_CLIENT_ID"],
    )
