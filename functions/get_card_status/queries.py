"""The questions that can be asked, each as it must be written."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from card_tracking.adapters.card_status_reader import MOST_CARDS
from card_tracking.adapters.page_tokens import MAX_TOKEN_CHARACTERS
from card_tracking.errors import InvalidQuery
from card_tracking.wire.faults import describe_faults

MAX_KEY_BYTES: Final = 1_000
"""Nothing longer is a key of the table or its indexes."""


def _check_key(value: str) -> str:
    if len(value.encode("utf-8", "replace")) > MAX_KEY_BYTES:
        raise ValueError(f"must be {MAX_KEY_BYTES} bytes at most")
    return value


Name = Annotated[str, StringConstraints(strict=True, min_length=1), AfterValidator(_check_key)]
Token = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MAX_TOKEN_CHARACTERS)]
Limit = Annotated[int, Field(strict=True, ge=1, le=MOST_CARDS)]


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class _PagedQuery(_Query):
    limit: Limit = MOST_CARDS
    next_token: Token | None = None


class CardQuery(_PagedQuery):
    """``{"cardId": …}``, with ``"history": true`` for all that was received about the card."""

    card_id: Name
    history: bool = False

    @model_validator(mode="after")
    def _check_token(self) -> Self:
        if self.next_token is not None and not self.history:
            # Without a history there are no pages: the caller would wait for one in vain.
            raise ValueError("nextToken requires history")
        return self


class CardsQuery(_Query):
    """``{"cardIds": […]}``, at most 100."""

    card_ids: Annotated[list[Name], Field(max_length=MOST_CARDS)]


class StatusQuery(_PagedQuery):
    """``{"status": …}``: the cards that have it."""

    status: Name


class InputFileQuery(_PagedQuery):
    """``{"inputFileName": …}``: totals by status, then the cards."""

    input_file_name: Name


class IssuerRequestQuery(_PagedQuery):
    """``{"issuerRequestId": …}``: the cards that carry the bank's own correlation identifier."""

    issuer_request_id: Name


class OverdueQuery(_PagedQuery):
    """``{"overdue": true}``: the cards that should have been shipped by now and are still in production."""

    overdue: Literal[True]


Query = CardQuery | CardsQuery | StatusQuery | InputFileQuery | IssuerRequestQuery | OverdueQuery

QUERIES: Final[Mapping[str, type[Query]]] = {
    "cardId": CardQuery,
    "cardIds": CardsQuery,
    "status": StatusQuery,
    "inputFileName": InputFileQuery,
    "issuerRequestId": IssuerRequestQuery,
    "overdue": OverdueQuery,
}


def read_query(event: Any) -> Query:
    """Read a question. Raises InvalidQuery that says what is wrong with it, without repeating a value."""
    named = [name for name in QUERIES if isinstance(event, Mapping) and name in event]
    if len(named) != 1:
        raise InvalidQuery(f"ask by exactly one of {', '.join(QUERIES)}")
    try:
        return QUERIES[named[0]].model_validate(event)
    except ValidationError as error:
        raise InvalidQuery(describe_faults(error)) from None
