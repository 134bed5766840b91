"""What AWS takes, by botocore's own description of its services: every request of the product is held against it.

botocore checks types and required members before it sends. The description says more, which botocore leaves to AWS and
the engines here leave out in part: the most entries in a batch, the longest text, the allowed values.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator


def faults_of_request(service: str, operation: str, request: dict[str, Any]) -> list[str]:
    """Return what is wrong with a request, in words that repeat no value of it."""
    shape = _operation(service, operation).input_shape
    return [*_not_of(shape, request, f"{operation} request"), *_beyond_bounds(shape, request, operation)]


def faults_of_answer(service: str, operation: str, answer: dict[str, Any]) -> list[str]:
    """Return what is wrong with an answer: the doubles may not invent a shape that AWS does not have."""
    said = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    return _not_of(_operation(service, operation).output_shape, said, f"{operation} answer")


def _not_of(shape: Shape | None, value: dict[str, Any], name: str) -> list[str]:
    if shape is None or not ParamValidator().validate(value, shape).has_errors():
        return []
    return [f"{name} is not of its shape"]


@cache
def operation_named(service: str, method: str) -> str:
    """Tell the AWS name of a client's method: BatchGetItem for batch_get_item."""
    return next(name for name in _service(service).operation_names if _method(name) == method)


@cache
def _service(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@cache
def _operation(service: str, operation: str) -> OperationModel:
    return _service(service).operation_model(operation)


def _method(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


def _beyond_bounds(shape: Shape | None, value: Any, path: str) -> Iterator[str]:
    """Walk a request along its shape and name every place outside the bounds that the shape states."""
    if shape is None:
        return
    if isinstance(value, str | list | dict | bytes):
        if len(value) > shape.metadata.get("max", len(value)):
            yield f"{path}: {len(value)}, at most {shape.metadata['max']} are taken"
        if len(value) < shape.metadata.get("min", 0):
            yield f"{path}: {len(value)}, at least {shape.metadata['min']} are needed"
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{path}: not one of the values that there are"
    for member_shape, member, member_path in _members(shape, value, path):
        yield from _beyond_bounds(member_shape, member, member_path)


def _members(shape: Shape, value: Any, path: str) -> Iterator[tuple[Shape | None, Any, str]]:
    if isinstance(shape, StructureShape):
        for name, member in value.items():
            yield shape.members.get(name), member, f"{path}.{name}"
    elif isinstance(shape, ListShape):
        for member in value:
            yield shape.member, member, f"{path}[]"
    elif isinstance(shape, MapShape):
        for name, member in value.items():
            yield shape.key, name, f"{path} key"
            yield shape.value, member, f"{path}{{}}"
