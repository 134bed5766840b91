"""What real documents are held to, wherever the tests meet one: the committed schemas, closed.

The schemas are open, because consumers must expect more. Here nothing may come that they do not tell of.
"""

import copy
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator

from local.contract.documents import DOCS, SCHEMAS

NOTIFICATIONS: Final = "/notifications/d1/v2/issuers/{issuerId}/cards"
TOKENS: Final = "/authz/d1/v1/oauth2/token"
HEADERS_OF_ANY_ANSWER: Final = {"content-type", "cache-control", "pragma"}
"""Those that OpenAPI has a place of its own for, or that say nothing to D1."""


@cache
def read(name: str) -> Any:
    """Read a document as it is committed."""
    return yaml.safe_load((DOCS / name).read_text())


@cache
def schema_validator(name: str) -> Draft202012Validator:
    """Check by a schema of docs/schemas."""
    return Draft202012Validator(closed(json.loads((SCHEMAS / f"{name}.json").read_text())))


def check_question_and_answer(question: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Hold a question that was answered, and the answer, to their schemas."""
    schema_validator("question").validate(question)
    schema_validator("answer").validate(answer)


def check_alert(alert: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Hold an alert, as a subscribed queue gets it, to what asyncapi.yaml says of payload and headers."""
    message = read("asyncapi.yaml")["components"]["messages"]["alert"]
    assert {one["Type"] for one in attributes.values()} == {"String"}
    Draft202012Validator(closed(message["payload"])).validate(alert)
    values = {name: one["Value"] for name, one in attributes.items()}
    Draft202012Validator(closed(message["headers"])).validate(values)
    schema_validator("alert").validate(alert)


def check_answer_to_d1(answer: Mapping[str, Any], path: str = NOTIFICATIONS) -> None:
    """Hold an answer of a function behind the gateway to what openapi.yaml says of its status code."""
    document = read("openapi.yaml")
    response = document["paths"][path]["post"]["responses"][str(answer["statusCode"])]
    told = {name.lower(): one for name, one in response.get("headers", {}).items()}
    sent = {name.lower() for name in answer["headers"]}
    assert sent <= told.keys() | HEADERS_OF_ANY_ANSWER
    assert {name for name, one in told.items() if one["required"]} <= sent
    if "content" not in response:
        assert answer["body"] == ""
        return
    content = response["content"][answer["headers"]["Content-Type"]]
    body = json.loads(answer["body"])
    Draft202012Validator(closed({**content["schema"], "components": document["components"]})).validate(body)
    if "examples" in content:
        assert content["examples"][body["errorCode"]]["value"] == body


def closed(schema: Any) -> Any:
    """Let an object have no members but those that are told."""
    schema = copy.deepcopy(schema)
    _close(schema)
    return schema


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
        for one in schema.values():
            _close(one)
    elif isinstance(schema, list):
        for one in schema:
            _close(one)
