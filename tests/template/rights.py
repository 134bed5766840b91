"""What the roles of the template allow, as plain pairs: an action, and the resource it is on."""

import re
from typing import Any, Final, TypeAlias

from tests.template.transformed import Json, Stack

Right: TypeAlias = tuple[str, str]

OF_PLATFORM: Final = {"logs", "xray"}
"""What Lambda does in a function's name, and no code of ours calls."""


def role_of(stack: Stack, function: str) -> str:
    """Name the role of a function."""
    role: str = stack.properties(function)["Role"]["Fn::GetAtt"][0]
    return role


def rights(stack: Stack, role: str) -> set[Right]:
    """Say what a role allows its code, whatever the parameters are."""
    return {
        (action, name)
        for statement in _statements(stack, role)
        for action in _actions(statement)
        if _service(action) not in {"kms", *OF_PLATFORM}
        for name in _names(statement["Resource"])
    }


def services_with_key(stack: Stack, role: str) -> set[str]:
    """Name the services on whose behalf a role uses the encryption key."""
    return {
        service
        for statement in _statements(stack, role)
        if {_service(action) for action in _actions(statement)} == {"kms"}
        for service in re.findall(r"(\w+)\.\$", str(statement["Condition"]["StringEquals"]["kms:ViaService"]))
    }


def _statements(stack: Stack, role: str) -> list[Json]:
    policies = [one["Fn::If"][1] if "Fn::If" in one else one for one in stack.properties(role)["Policies"]]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def _actions(statement: Json) -> list[str]:
    actions = statement["Action"]
    return actions if isinstance(actions, list) else [actions]


def _service(action: str) -> str:
    return action.split(":", maxsplit=1)[0]


def _names(resource: Any) -> list[str]:
    match resource:
        case list():
            return [name for one in resource for name in _names(one)]
        case {"Fn::GetAtt": [name, _]} | {"Ref": name}:
            return [name.removesuffix("Aliaslive")]
        case {"Fn::Sub": text} if ":deploymentgroup:" in text:
            return ["deploymentgroup"]
        case {"Fn::Sub": text}:
            # An index of a table, every version of a function, or a parameter that is an ARN.
            return [re.sub(r"\$\{(\w+)(?:\.Arn)?}", r"\1", text).removesuffix(":*")]
    raise AssertionError(f"what is {resource}?")
