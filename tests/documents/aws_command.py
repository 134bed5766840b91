"""A stand-in for the AWS CLI: holds a command to the service's model, calls nobody, and prints a word.

``python -m tests.documents.aws_command s3api put-object --bucket … --key …`` ends with 1 and says what is wrong where
there is no such operation or option, a required one is missing, or a value has not the type that AWS asks for.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from botocore import xform_name
from botocore.session import Session
from botocore.validate import ParamValidator

SERVICES: Final = {"s3api": "s3", "deploy": "codedeploy"}
"""Where the CLI's name for a service is not the model's."""
RENAMED: Final = {("sns", "--notification-endpoint"): "--endpoint"}
"""Where its name for an option is not: ``--endpoint`` is too near to its own ``--endpoint-url``."""
OF_THE_CLI: Final = {"--query", "--output", "--region", "--profile", "--cli-binary-format", "--cli-read-timeout"}


class WrongCommand(Exception):
    """The AWS CLI would refuse the command; the message says why."""


def check(words: Sequence[str], *, whole: bool = True) -> None:
    """Hold a command to the model; where it is not ``whole``, options may be missing from it.

    Raises WrongCommand.
    """
    service, operation, *rest = words
    model = Session().get_service_model(SERVICES.get(service, service))
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        raise WrongCommand(f"{service} has no {operation}")
    shape = model.operation_model(names[operation]).input_shape
    members: Mapping[str, Any] = {} if shape is None else shape.members
    options = {f"--{xform_name(name, '-')}": name for name in members}
    options |= {option.replace("--", "--no-", 1): name for option, name in options.items()}
    given = {}
    for written, value in _pairs(rest):
        option = RENAMED.get((service, written), written)
        if option in OF_THE_CLI:
            continue
        if option not in options:
            raise WrongCommand(f"{operation} has no {written}")
        given[options[option]] = _value(members[options[option]].type_name, value)
    if whole and shape is not None:
        faults = ParamValidator().validate(given, shape)
        if faults.has_errors():
            raise WrongCommand(faults.generate_report())


def _pairs(words: Sequence[str]) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for word in words:
        if word.startswith("--"):
            pairs.append((word, None))
        else:
            option, value = pairs.pop()
            pairs.append((option, word if value is None else f"{value} {word}"))
    return pairs


def _value(kind: str, text: str | None) -> Any:
    if kind == "boolean":
        return True
    if text is None:
        return None
    if kind in {"map", "structure", "list"}:
        return json.loads(text) if text[:1] in "{[" else [text]
    if kind in {"integer", "long"}:
        return int(text)
    if kind == "blob":
        return text.encode() if text.startswith("{") else Path(text).read_bytes()
    return text


if __name__ == "__main__":
    try:
        check(sys.argv[1:])
    except WrongCommand as wrong:
        sys.exit(str(wrong))
    print("answer")  # noqa: T201  # what a command line goes on with
