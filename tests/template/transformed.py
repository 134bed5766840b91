"""The template as CloudFormation gets it: after the SAM transform."""

import copy
import os
from collections.abc import Mapping
from typing import Any, TypeAlias
from unittest.mock import patch

from samtranslator.translator.transform import transform

from local.engine import REGION

Json: TypeAlias = dict[str, Any]


class Stack:
    """The transformed template, asked by logical id or by type."""

    def __init__(self, template: Json) -> None:
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


def transformed(written: Json) -> Stack:
    """Transform the template, its code in a bucket as after ``sam package``."""
    template = copy.deepcopy(written)
    template["Globals"]["Function"]["CodeUri"] = "s3://code/functions.zip"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = "s3://code/layer.zip"
    with patch.dict(os.environ, AWS_DEFAULT_REGION=REGION):
        return Stack(transform(template, {}, _NoManagedPolicies()))


class _NoManagedPolicies:
    """The transform asks for the account's managed policies, which need AWS. The template names none."""

    def load(self) -> Mapping[str, str]:
        return {}
