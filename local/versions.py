"""Which cards have changed: the version of every card's status."""

from typing import TYPE_CHECKING

from card_tracking.adapters.status_items import STATUS_KEY
from card_tracking.adapters.table import card_id_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def status_versions(dynamodb: "DynamoDBClient", table_name: str) -> dict[str, str]:
    """Read the version of each card's status, by card id; another one than before means that there is news.

    It reads the whole table, which is for a desk only. A stream would tell each change, but the embedded one says
    nothing of PartiQL writes.
    """
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table_name,
        FilterExpression="sk = :status",
        ExpressionAttributeValues={":status": {"S": STATUS_KEY}},
        ProjectionExpression="pk, version",
    )
    return {card_id_of(item["pk"]["S"]): item["version"]["N"] for item in pages.search("Items")}
