"""The documents for those who integrate: what is committed is what the code gives, and is well formed."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from local.contract.documents import DOCS, SCHEMAS, documents
from local.contract.page import filled
from local.contract.schemas import observed
from local.template import load_template
from receive_notification import answers
from tests.contract.promises import NOTIFICATIONS, TOKENS, check_alert, check_answer_to_d1, closed, read
from tests.template.transformed import Json

MADE = documents()


@pytest.mark.parametrize("path", MADE, ids=lambda path: str(path.relative_to(DOCS)))
def test_committed_is_what_the_code_gives(path: Path) -> None:
    """Whoever changes what is written, taken or answered changes the documents with it: run `make docs`."""
    assert path.read_text() == MADE[path]


def test_nothing_else_is_there() -> None:
    """A schema that is no longer made is not left behind."""
    assert set(SCHEMAS.iterdir()) == {path for path in MADE if path.parent == SCHEMAS}


def test_a_mark_that_nobody_knows_is_refused() -> None:
    """A part of the page that is never filled would be empty for ever."""
    with pytest.raises(KeyError, match="weather"):
        filled("<!-- made: weather -->\n<!-- /made -->")


def test_a_member_without_a_meaning_is_refused() -> None:
    """A new member gets into no document before it is told what it means."""
    with pytest.raises(KeyError, match="colour"):
        observed([{"colour": "red"}])


@pytest.mark.parametrize("path", sorted(SCHEMAS.iterdir()), ids=lambda path: path.stem)
def test_schemas_are_schemas(path: Path) -> None:
    """Each is a JSON Schema of the dialect it names, and refuses something."""
    schema = json.loads(path.read_text())

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    with pytest.raises(ValidationError):
        Draft202012Validator(schema).validate({})


# --- OpenAPI -------------------------------------------------------------------------------------


def references(document: Any) -> set[str]:
    """Find every reference in a document."""
    if isinstance(document, dict):
        own = {document["$ref"]} if isinstance(document.get("$ref"), str) else set()
        return own.union(*(references(one) for one in document.values()))
    return set().union(*(references(one) for one in document)) if isinstance(document, list) else set()


def resolve(document: Any, reference: str) -> Any:
    """Follow a reference within a document."""
    assert reference.startswith("#/")
    for part in reference.removeprefix("#/").split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


@pytest.mark.parametrize("name", ["openapi.yaml", "asyncapi.yaml"])
def test_references_lead_somewhere(name: str) -> None:
    """Each reference finds what it names."""
    document = read(name)

    assert references(document)
    for reference in references(document):
        assert resolve(document, reference)


def test_openapi_has_the_paths_of_the_template() -> None:
    """D1 finds in the document what it finds at the gateway, and nothing else."""
    deployed = load_template()["Resources"]["CallbackApi"]["Properties"]["DefinitionBody"]["paths"]

    assert read("openapi.yaml")["paths"].keys() == deployed.keys() == {NOTIFICATIONS, TOKENS}


def test_openapi_is_well_formed() -> None:
    """Versions, parameters, security and schemas hold together as OpenAPI 3.1 asks."""
    document = read("openapi.yaml")
    schemes = document["components"]["securitySchemes"]

    assert document["openapi"] == "3.1.0"
    for path, item in document["paths"].items():
        operation = item["post"]
        in_path = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert {f"{{{name}}}" for name in in_path} == {part for part in path.split("/") if part.startswith("{")}
        assert all(one["required"] for one in operation.get("parameters", []) if one["in"] == "path")
        assert all(name in schemes for requirement in operation["security"] for name in requirement)
        assert all(one["description"] for one in operation["responses"].values())
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert schemes["accessToken"]["flows"]["clientCredentials"]["tokenUrl"] in document["paths"]


def test_openapi_examples_are_taken() -> None:
    """The notifications that it shows are ones that its own schema allows."""
    document = read("openapi.yaml")
    content: Json = document["paths"][NOTIFICATIONS]["post"]["requestBody"]["content"]["application/json"]
    validator = Draft202012Validator({**content["schema"], "components": document["components"]})

    assert content["examples"]
    for example in content["examples"].values():
        validator.validate(example["value"])
    with pytest.raises(ValidationError):
        validator.validate({"operations": [{"cardId": "5e1f"}]})


@pytest.mark.parametrize("answer", answers.ALL, ids=lambda answer: str(answer.error_code))
def test_openapi_has_every_answer(answer: answers.Answer) -> None:
    """Every row of the table is in it, to the letter."""
    check_answer_to_d1(answer.response())


def test_openapi_has_no_other_answer() -> None:
    """What is never answered is not in it either."""
    responses: Json = read("openapi.yaml")["paths"][NOTIFICATIONS]["post"]["responses"]

    assert responses.keys() == {str(answer.status_code) for answer in answers.ALL}


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": 418, "headers": {}, "body": ""},
        {"statusCode": 204, "headers": {}, "body": "{}"},
        {"statusCode": 503, "headers": {"Content-Type": "application/json"}, "body": "{}"},
        answers.FORBIDDEN.response() | {"body": json.dumps({"errorCode": "FORBIDDEN", "error": "Go."})},
        answers.FORBIDDEN.response() | {"headers": {"Content-Type": "application/json", "Location": "elsewhere"}},
    ],
)
def test_an_answer_that_is_not_told_is_found(answer: Json) -> None:
    """The check that all of the tests use would see it."""
    with pytest.raises((AssertionError, KeyError, ValidationError)):
        check_answer_to_d1(answer)


# --- AsyncAPI ------------------------------------------------------------------------------------


def test_asyncapi_is_well_formed() -> None:
    """Channel, operation and message hold together as AsyncAPI 3 asks, and the schemas are schemas."""
    document = read("asyncapi.yaml")
    (channel,) = document["channels"].values()
    (operation,) = document["operations"].values()
    (message,) = document["components"]["messages"].values()

    assert document["asyncapi"] == "3.0.0"
    assert {f"{{{name}}}" for name in channel["parameters"]} == {channel["address"]}
    assert resolve(document, operation["channel"]["$ref"]) == channel
    assert [resolve(document, one["$ref"])["$ref"] for one in operation["messages"]] == ["#/components/messages/alert"]
    for part in ("headers", "payload"):
        Draft202012Validator.check_schema(message[part])


def test_asyncapi_examples_are_alerts() -> None:
    """The alerts that it shows are ones that it allows."""
    examples = read("asyncapi.yaml")["components"]["messages"]["alert"]["examples"]

    assert examples
    for example in examples:
        headers = {name: {"Type": "String", "Value": value} for name, value in example["headers"].items()}
        check_alert(example["payload"], headers)


# --- The check of real documents -----------------------------------------------------------------


def test_closed_schemas_refuse_what_is_not_told() -> None:
    """A member that the schema does not know is found, however deep it lies."""
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}}

    Draft202012Validator(schema).validate({"a": {"c": 1}})
    with pytest.raises(ValidationError):
        Draft202012Validator(closed(schema)).validate({"a": {"c": 1}})
