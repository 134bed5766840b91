"""What the template tells this function, beside what receiving needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TOKEN_PATH: Final = "/authz/v1/oauth2/token"  # noqa: S105  # where D1 gives tokens
SECONDS_A_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class ReconcileSettings:
    """The environment of the function, read once."""

    d1_api_url: str
    token_url: str
    token_audience: str
    client_id: str
    signing_key_id: str
    credentials_arn: str
    silent_seconds: int
    """A card is asked about when nothing was heard of it for so long."""
    cards_a_second: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ReconcileSettings":
        """Read the settings; what is empty has the value that D1 documents.

        Raises KeyError or ValueError where the template and this module do not agree.
        """
        url = environment["D1_API_URL"].rstrip("/")
        return cls(
            d1_api_url=url,
            token_url=environment["D1_TOKEN_URL"] or url + TOKEN_PATH,
            token_audience=environment["D1_TOKEN_AUDIENCE"] or url,
            client_id=environment["D1_CLIENT_ID"] or environment["ISSUER_ID"],
            signing_key_id=environment["D1_SIGNING_KEY_ID"],
            credentials_arn=environment["D1_CREDENTIALS_ARN"],
            silent_seconds=int(environment["SILENT_DAYS"]) * SECONDS_A_DAY,
            cards_a_second=float(environment["CARDS_A_SECOND"]),
        )
