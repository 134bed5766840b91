"""AWS clients that cannot use up an invocation."""

from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.client import CodeDeployClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

CONFIG: Final = Config(
    # Together under Deadline's reserve: a call that was allowed to start ends before the invocation does.
    connect_timeout=0.7,
    read_timeout=1.2,
    # adapters.retries tries again itself, because only it asks for the time left before each try.
    retries={"mode": "standard", "total_max_attempts": 1},
    # The largest part of botocore's share of a bulk. The tests hold every kind of request to the service model instead.
    parameter_validation=False,
    # A fixed name instead of one put together twice for each request.
    user_agent="card-tracking",
    # One connection for each thread of adapters.retries.
    max_pool_connections=10,
)


def dynamodb_client() -> "DynamoDBClient":
    """Make a client for the table."""
    return boto3.client("dynamodb", config=CONFIG)


def sns_client() -> "SNSClient":
    """Make a client for the alert topic."""
    return boto3.client("sns", config=CONFIG)


def sqs_client() -> "SQSClient":
    """Make a client for the queue of rejected operations."""
    return boto3.client("sqs", config=CONFIG)


def secrets_client() -> "SecretsManagerClient":
    """Make a client for the secrets of access tokens."""
    return boto3.client("secretsmanager", config=CONFIG)


def lambda_client() -> "LambdaClient":
    """Make a client that calls a function and does not wait for it."""
    return boto3.client("lambda", config=CONFIG)


def patient_lambda_client() -> "LambdaClient":
    """Make a client that calls a function and waits for it, as long as its first start may take."""
    return boto3.client("lambda", config=CONFIG.merge(Config(read_timeout=30)))


def codedeploy_client() -> "CodeDeployClient":
    """Make a client that tells a release how its check went."""
    return boto3.client("codedeploy", config=CONFIG)
