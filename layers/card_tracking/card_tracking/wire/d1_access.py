"""How we make ourselves known to D1: the secret that holds it, and the access token that D1 gives for it."""

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from card_tracking.errors import DependencyFailed
from card_tracking.wire.faults import describe_faults

LIFETIME_SECONDS: Final = 300.0
"""Assumed of a token that does not tell its own; D1's live for 15 minutes."""

_Secret = Annotated[str, StringConstraints(strict=True, min_length=1), Field(repr=False)]


class D1Credentials(BaseModel):
    """The secret's JSON: ``{"clientCertificate": …, "clientKey": …, "signingKey": …, "serverCa": …}``, each in PEM."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel)

    client_certificate: _Secret
    """With the certificates between it and its CA, if there are any."""
    client_key: _Secret
    signing_key: _Secret
    """A private key on the curve P-256, the other half of which D1 knows by its key id."""
    server_ca: Annotated[str | None, Field(repr=False)] = None
    """The CAs that vouch for D1's server, where they are not public ones."""


class D1Token(BaseModel):
    """D1's answer to who asks for an access token."""

    model_config = ConfigDict(frozen=True)

    # As a header takes it.
    access_token: Annotated[str, StringConstraints(strict=True, pattern=r"^[\x21-\x7e]+$"), Field(repr=False)]
    expires_in: Annotated[float, BeforeValidator(lambda value: value or LIFETIME_SECONDS)] = LIFETIME_SECONDS
    """In seconds; as a number or as a text of one."""


def read_credentials(text: str) -> D1Credentials:
    """Read the secret. Raises DependencyFailed that names what is missing in it, and no value."""
    try:
        return D1Credentials.model_validate_json(text)
    except ValidationError as error:
        raise DependencyFailed("d1_credentials", describe_faults(error)) from None


def read_token(body: bytes) -> D1Token:
    """Read an answer. Raises DependencyFailed that names what is wrong with it, and no value."""
    try:
        return D1Token.model_validate_json(body)
    except ValidationError as error:
        raise DependencyFailed("d1_token", describe_faults(error)) from None
