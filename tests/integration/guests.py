"""Somebody in the account who has the rights of one policy, and no others."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import boto3

from local.deployment import STACK, Deployment
from local.engine import Access

Guest: TypeAlias = Callable[..., Access]
"""Given the ``arn`` of a policy, or the logical id of a ``function`` whose policies they are; or nothing."""


@contextmanager
def guest_of(deployment: Deployment) -> Iterator[Guest]:
    """Let one in until the block ends."""
    iam = boto3.client("iam", **deployment.engine.access)
    name = "guest"
    iam.create_user(UserName=name)

    def with_policy(*, arn: str = "", function: str = "") -> Access:
        if arn:
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        if function:
            role = _role_of(deployment, function)
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {
            **deployment.engine.access,
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
        }

    try:
        yield with_policy
    finally:
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        for attached in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
            iam.detach_user_policy(UserName=name, PolicyArn=attached["PolicyArn"])
        for inline in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=inline)
        iam.delete_user(UserName=name)


def physical_id(deployment: Deployment, logical_id: str) -> str:
    """Name a resource of the stack as the engine does."""
    cloudformation = boto3.client("cloudformation", **deployment.engine.access)
    found = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
    return found["StackResourceDetail"]["PhysicalResourceId"]


def _role_of(deployment: Deployment, function: str) -> str:
    functions = boto3.client("lambda", **deployment.engine.access)
    found = functions.get_function_configuration(FunctionName=physical_id(deployment, function))
    return found["Role"].split("/")[-1]
