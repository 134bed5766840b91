"""The rules of the template, held against parameters as CloudFormation does before it makes anything."""

from collections.abc import Mapping
from typing import Any

from tests.template.transformed import Stack


def evaluate(expression: Any, parameters: Mapping[str, str]) -> Any:
    """Work out what CloudFormation makes of a rule or a condition."""
    match expression:
        case {"Ref": name}:
            return parameters[name]
        case {"Fn::Equals": [left, right]}:
            return str(evaluate(left, parameters)) == str(evaluate(right, parameters))
        case {"Fn::Not": [one]}:
            return not evaluate(one, parameters)
        case str() | bool() | int():
            return expression
    raise AssertionError(f"what is {expression}?")


def values_of(stack: Stack, given: Mapping[str, str]) -> dict[str, str]:
    """Return the value of every parameter: the given one, or the default."""
    return {name: str(one.get("Default", "")) for name, one in stack.parameters.items()} | dict(given)


def complaints(stack: Stack, given: Mapping[str, str]) -> list[str]:
    """Say what CloudFormation would refuse a deployment with these parameters for."""
    values = values_of(stack, given)
    return [
        assertion["AssertDescription"]
        for rule in stack.rules.values()
        if evaluate(rule["RuleCondition"], values)
        for assertion in rule["Assertions"]
        if not evaluate(assertion["Assert"], values)
    ]
