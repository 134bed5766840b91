"""template.yaml, made ready for the embedded AWS.

It is the template that goes to AWS, with these changes and no more:

- Code lies in a bucket, as after ``sam package``.
- The embedded AWS speaks plain HTTP on loopback, so what refuses plain HTTP is left out.
- AWS authorizes a batch by the action of its entries: ``sns:Publish`` for PublishBatch. The embedded AWS asks for
  an action named after the call, which AWS does not know; it is added wherever the real one is allowed.
- There is no CodeDeploy in it: releases change over at once.
- It evaluates no metric math: alarms on an expression are left out.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from samtranslator.yaml_helper import yaml_parse

from local.engine import ROOT

Json: TypeAlias = dict[str, Any]

TEMPLATE: Final = ROOT / "template.yaml"
BATCH_CALLS: Final = {
    "dynamodb:PartiQLInsert": "dynamodb:BatchExecuteStatement",
    "dynamodb:PartiQLUpdate": "dynamodb:BatchExecuteStatement",
    "sns:Publish": "sns:PublishBatch",
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
    "sqs:SendMessage": "sqs:SendMessageBatch",
}


def load_template() -> Json:
    """Read template.yaml, its short intrinsics (``!Ref``) written out."""
    template: Json = yaml_parse(TEMPLATE.read_text())
    return template


def local_template(code_keys: Mapping[str, str], bucket: str) -> str:
    """Write the template for the embedded AWS; ``code_keys`` says where in the bucket each source folder lies."""
    template = adapted(load_template())

    def in_bucket(folder: str) -> Json:
        return {"Bucket": bucket, "Key": code_keys[folder.rstrip("/")]}

    template["Globals"]["Function"]["CodeUri"] = in_bucket(template["Globals"]["Function"]["CodeUri"])
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = in_bucket(resource["Properties"]["ContentUri"])
    return json.dumps(template)


def adapted(original: Json) -> Json:
    """Change what the embedded AWS does differently; where the code lies is left as it is."""
    # Through JSON once, so that what YAML aliases share is changed in one place only.
    template: Json = json.loads(json.dumps(original))
    # Its transform knows no parameters, and so takes the default.
    template["Parameters"]["GradualReleases"]["Default"] = "false"
    resources: Json = template["Resources"]
    for name, resource in list(resources.items()):
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::CloudWatch::Alarm" if "Metrics" in properties:
                del resources[name]
            case "AWS::SNS::TopicPolicy" | "AWS::SQS::QueuePolicy":
                document = properties["PolicyDocument"]
                document["Statement"] = _with_batch_calls(
                    [statement for statement in document["Statement"] if not _demands_tls(statement)]
                )
                if not document["Statement"]:
                    del resources[name]
            case "AWS::IAM::Role":
                # One that is there on a condition allows no batch.
                for policy in (one for one in properties.get("Policies", []) if "PolicyDocument" in one):
                    document = policy["PolicyDocument"]
                    document["Statement"] = _with_batch_calls(document["Statement"])
    return template


def _demands_tls(statement: Json) -> bool:
    condition = statement.get("Condition", {})
    return bool(statement["Effect"] == "Deny" and condition == {"Bool": {"aws:SecureTransport": "false"}})


def _with_batch_calls(statements: list[Json]) -> list[Json]:
    added = []
    for statement in statements:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        calls = sorted({BATCH_CALLS[action] for action in actions if action in BATCH_CALLS})
        if statement["Effect"] == "Allow" and calls:
            # It does not look for the table inside PartiQL, and asks for the call on no resource in particular.
            anywhere = {"Resource": "*"} if "dynamodb:BatchExecuteStatement" in calls else {}
            added.append(statement | {"Action": calls} | anywhere)
    return statements + added
