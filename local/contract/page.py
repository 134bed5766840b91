"""What stands between the marks of docs/contract.md."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from access_tokens import LIFETIME_SECONDS
from card_tracking.wire import rejections
from card_tracking.wire.alert_message import alert_document, alert_message, alert_subject
from card_tracking.wire.card_document import card_answer
from card_tracking.wire.rejected_message import MAX_MESSAGE_BYTES, SINGLE_MESSAGES
from get_card_status.queries import QUERIES
from issue_token import answers as token_answers
from local.contract import samples, schemas
from local.contract.schemas import Schema
from receive_notification import answers
from receive_notification.answers import Answer

_MARKED: Final = re.compile(r"(<!-- made: (?P<name>[a-z-]+) -->\n).*?(<!-- /made -->)", re.DOTALL)


def filled(page: str) -> str:
    """Write what belongs between each pair of marks. Raises KeyError for a mark that nobody knows."""
    parts = {
        "answers": _answers(),
        "rejections": _rejections(),
        "rejected-message": _rejected_message(),
        "tokens": _tokens(),
        "attributes": _members(schemas.attributes()),
        "alert": _members(schemas.alert()),
        "alert-examples": _alert_examples(),
        "questions": _questions(),
        "question-answers": _question_answers(),
        "card": _members(schemas.card()),
        "card-example": _json(card_answer(samples.status_of("card_shipped_progress"))),
    }
    return _MARKED.sub(lambda match: f"{match[1]}\n{parts[match['name']]}\n\n{match[3]}", page)


def _answers() -> str:
    rows = [[str(one.status_code), _code(one.error_code), one.situation, _headers(one)] for one in answers.ALL]
    body = _json(json.loads(answers.UNREADABLE.response()["body"]))
    return f"{_table(['answer', '`errorCode`', 'when', 'headers'], rows)}\n\nThe body of an error, such as:\n\n{body}"


def _headers(answer: Answer) -> str:
    return "<br>".join(f"`{name}: {value}`" for name, value in answer.headers.items())


def _rejections() -> str:
    rows = [[_code(reason), meaning, "400"] for reason, meaning in rejections.OF_A_BODY.items()]
    rows += [[_code(reason), meaning, "204"] for reason, meaning in rejections.OF_AN_OPERATION.items()]
    return _table(["reason", "what is wrong", "answer"], rows)


def _rejected_message() -> str:
    limits = (
        f"The first {SINGLE_MESSAGES} rejected operations of a body get a message each.\n"
        "The others share messages: one message lists operations with the same `reason` and the same `field`.\n"
        f"A message has at most {MAX_MESSAGE_BYTES:,} bytes of UTF-8. Only what does not fit into one by itself is cut."
    )
    return f"{limits}\n\n{_members(schemas.rejected())}"


def _tokens() -> str:
    rows = [["200", "", f"a token for {LIFETIME_SECONDS // 60} minutes"]]
    rows += [["400", _code(code), when] for code, when in token_answers.REFUSALS.items()]
    rows += [[str(one.status_code), _code(one.error_code), one.situation] for one in _refusals_of_strangers()]
    unavailable = token_answers.unavailable()
    code = json.loads(unavailable["body"])["error"]
    rows.append([str(unavailable["statusCode"]), _code(code), "something of ours failed; asking again is harmless"])
    return _table(["answer", "code", "when"], rows)


def _refusals_of_strangers() -> Sequence[Answer]:
    return answers.UNAUTHENTICATED, answers.FORBIDDEN


def _alert_examples() -> str:
    alert, overdue = samples.alert_of("data_exception"), samples.alert_of_overdue_card("data_prepared")
    texts = json.loads(alert_message(alert, samples.ISSUER_ID))
    email = f"Subject: {alert_subject(alert)}\n\n{texts['email']}"
    parts = [
        _json(alert_document(alert, samples.ISSUER_ID)),
        f"By e-mail:\n\n```text\n{email}\n```",
        f"By SMS:\n\n```text\n{texts['sms']}\n```",
        f"Of an overdue card:\n\n{_json(alert_document(overdue, samples.ISSUER_ID))}",
    ]
    return "\n\n".join(parts)


def _questions() -> str:
    rows = []
    for name, query in QUERIES.items():
        properties = schemas.question()["$defs"][query.__name__]["properties"]
        others = [f"`{other}` ({_bounds(one)})" for other, one in properties.items() if other != name]
        rows.append([f"`{name}`", _bounds(properties[name]), ", ".join(others)])
    return _table(["ask by", "", "and, if wanted"], rows)


def _question_answers() -> str:
    defined = schemas.answer()["$defs"]
    named = {"ToCardId": "`cardId`", "ToCardIds": "`cardIds`", "Page": "anything else"}
    return "\n\n".join(f"The answer to {asked}:\n\n{_members(defined[name])}" for name, asked in named.items())


def _members(schema: Schema) -> str:
    rows = [
        [f"`{name}`", _type(one), "always" if name in schema["required"] else "", one["description"]]
        for name, one in schema["properties"].items()
    ]
    return _table(["member", "type", "there", "what it is"], rows)


def _type(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return "object"
    kind = schema["type"]
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _bounds(schema: Schema) -> str:
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "anyOf" in schema:
        return _bounds(schema["anyOf"][0])
    if schema["type"] == "integer":
        return f"{schema['minimum']} to {schema['maximum']}, {schema['default']} without it"
    if schema["type"] == "array":
        return f"array of strings, at most {schema['maxItems']}"
    return str(schema["type"])


def _code(code: str | None) -> str:
    return f"`{code}`" if code else ""


def _json(document: Mapping[str, Any]) -> str:
    return f"```json\n{json.dumps(document, indent=2, ensure_ascii=False)}\n```"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])
