"""JSON Schemas (2020-12) of what we write and take, read off the code that writes and takes it.

They are open: a consumer has to expect members that are added later, as we do of D1.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from card_tracking.adapters.card_status_reader import Page
from card_tracking.wire.alert_message import alert_attributes, alert_document
from card_tracking.wire.card_document import card_answer
from card_tracking.wire.operation import Operation
from get_card_status import answers
from get_card_status.queries import QUERIES
from local.contract import samples
from local.contract.meanings import ALERT_LIMITS, LIMITS, MEANINGS, REJECTED_MEANINGS

Schema: TypeAlias = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Final = {str: "string", bool: "boolean", int: "integer", dict: "object", list: "array", type(None): "null"}


def observed(documents: Sequence[Mapping[str, Any]], meanings: Mapping[str, Mapping[str, Any]] = MEANINGS) -> Schema:
    """Tell the schema of documents that one function wrote, given the most and the least that it can write.

    What all of them have is required. Raises KeyError for a member whose meaning is not told.
    """
    names = dict.fromkeys(name for document in documents for name in document)
    return {
        "type": "object",
        "required": [name for name in names if all(name in document for document in documents)],
        "properties": {
            name: {"type": _types([document[name] for document in documents if name in document]), **meanings[name]}
            for name in names
        },
    }


def _types(values: Sequence[Any]) -> str | list[str]:
    types = list(dict.fromkeys(_TYPES[type(value)] for value in values))
    return types[0] if len(types) == 1 else types


def card() -> Schema:
    """Tell how a card is answered."""
    schema = observed([card_answer(status) for status in samples.statuses()])
    return {"description": f"A card in D1's words. {LIMITS}", **schema}


def alert() -> Schema:
    """Tell what an alert holds for machines."""
    schema = observed([alert_document(one, samples.ISSUER_ID) for one in samples.alerts()])
    return {"description": f"A cause that people must know of, once. {ALERT_LIMITS}", **schema}


def attributes() -> Schema:
    """Tell the attributes that subscriptions filter by; all are texts."""
    schema = observed([alert_attributes(one, samples.ISSUER_ID) for one in samples.alerts()])
    schema["properties"]["superseded"] |= {"enum": ["true", "false"]}
    return schema


def question() -> Schema:
    """Tell the questions that get_card_status takes."""
    schema: Schema = {"description": "One question to get_card_status.", "oneOf": [], "$defs": {}}
    for query in QUERIES.values():
        schema["$defs"][query.__name__] = _of_model(query)
        schema["oneOf"].append({"$ref": f"#/$defs/{query.__name__}"})
    return schema


def answer() -> Schema:
    """Tell the answers of get_card_status, by what was asked for."""
    most, least = samples.statuses()
    some, none = samples.histories()
    to_card = observed([answers.card(most, some), answers.card(None), answers.card(least, none)])
    to_card["properties"]["history"]["items"] = observed(answers.card(most, some)["history"])
    to_cards = observed([answers.cards({"known": most}, ["known", "unknown"])])
    page = observed([answers.page(Page([most], "token"), {"SHIPPED": 1}), answers.page(Page([], None))])
    return {
        "description": "The answers of get_card_status. A question that makes no sense is a function error instead.",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("ToCardId", "ToCardIds", "Page")],
        "$defs": {
            "ToCardId": _with_cards(to_card),
            "ToCardIds": _with_cards(to_cards),
            "Page": _with_cards(page),
            "Card": card(),
        },
    }


def _with_cards(schema: Schema) -> Schema:
    """Put the card's own schema where a card is."""
    properties, one = schema["properties"], {"$ref": "#/$defs/Card"}
    if "cards" in properties:
        properties["cards"]["items"] = one
    if "card" in properties:
        properties["card"] = {"anyOf": [one, {"type": "null"}], "description": properties["card"]["description"]}
    return schema


def rejected() -> Schema:
    """Tell how a message of the queue of rejected operations is written."""
    schema = observed(samples.rejected_messages(), MEANINGS | REJECTED_MEANINGS)
    contents = [name for name in schema["properties"] if name in ("operation", "operations", "body")]
    contents += [name for name in schema["properties"] if name.endswith("Start")]
    return {
        "description": "What could not be stored, and why: one whole body, one operation, or several operations with "
        "one reason and field. Of what is longer than a message it has the beginning.",
        **schema,
        "oneOf": [{"required": [name]} for name in contents],
    }


def operation() -> Schema:
    """Tell which operations can be stored."""
    return _of_model(Operation) | {
        "description": "An operation as D1 writes it. One that is not so is kept as rejected, and costs the others "
        "nothing. Fields that are not named here are taken and kept.",
    }


def _of_model(model: type[BaseModel]) -> Schema:
    """Write a model's schema without pydantic's titles, which repeat the names."""
    schema = model.model_json_schema()
    del schema["title"]
    for one in schema["properties"].values():
        del one["title"]
    return schema | {"description": schema["description"].replace("``", "`")}


def all_schemas() -> dict[str, Schema]:
    """Tell those that are files of their own, by name."""
    schemas = {
        "alert": alert(),
        "card": card(),
        "question": question(),
        "answer": answer(),
        "rejected": rejected(),
    }
    return {name: {"$schema": DIALECT, "title": name.capitalize(), **schema} for name, schema in schemas.items()}
