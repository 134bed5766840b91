"""The template as CloudFormation gets it: after the SAM transform."""

import copy
import os
from collections.abc import Mapping
from typing import Any, Final, TypeAlias
from unittest.mock import patch

from samtranslator.translator.transform import transform

from local.engine import REGION

Json: TypeAlias = dict[str, Any]

LAYERS: Final = ("layers/dependencies/", "layers/card_tracking/")


class Stack:
    """The transformed template, asked by logical id or by type."""

    def __init__(self, template: Json) -> None:
        self.rules: Json = template["Rules"]
        self.conditions: Json = template["Conditions"]
        self.parameters: Json = template["Parameters"]
        self.resources: Json = template["Resources"]
        self.outputs: Json = template["Outputs"]

    def properties(self, logical_id: str) -> Json:
        """Answer the properties of a resource."""
        properties: Json = self.resources[logical_id]["Properties"]
        return properties

    def of_type(self, kind: str) -> Mapping[str, Json]:
        """Answer the properties of all resources of a type, by logical id."""
        return {name: one["Properties"] for name, one in self.resources.items() if one["Type"] == kind}


def transformed(
    written: Json, parameters: Mapping[str, str] | None = None, code: Mapping[str, str] | None = None
) -> Stack:
    """Transform the template as CloudFormation does after ``sam package``.

    ``parameters`` are those that differ from their defaults; ``code`` names, by source folder, the objects in the
    bucket that differ from those of an earlier build.
    """
    template = copy.deepcopy(written)
    objects = {"functions/": "functions.zip", **{folder: f"{folder}code.zip" for folder in LAYERS}} | dict(code or {})
    template["Globals"]["Function"]["CodeUri"] = f"s3://code/{objects['functions/']}"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = f"s3://code/{objects[resource['Properties']['ContentUri']]}"
    with patch.dict(os.environ, AWS_DEFAULT_REGION=REGION):
        return Stack(transform(template, dict(parameters or {}), _NoManagedPolicies()))


class _NoManagedPolicies:
    """The transform asks for the account's managed policies, which need AWS. The template names none."""

    def load(self) -> Mapping[str, str]:
        return {}
