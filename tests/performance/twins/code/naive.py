"""What a team would write first: everything that Powertools offers for an API, one write and one alert at a time.

As the documentation of Powertools shows its parts: the resolver with data validation, the tracer, the logger, the
metrics; and that of boto3 a table resource. It keeps the latest arrival, not the latest status.
"""

import os
from http import HTTPStatus
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

ALERT_STATUSES: Final = frozenset(os.environ["ALERT_STATUSES"].split(","))

logger: Final = Logger()
metrics: Final = Metrics()
tracer: Final = Tracer()
app: Final = APIGatewayRestResolver(enable_validation=True)
table: Final = boto3.resource("dynamodb").Table(os.environ["STATUS_TABLE_NAME"])
sns: Final = boto3.client("sns")


class Details(BaseModel):
    """What an operation says of the card's production."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    status: str = "UNKNOWN"
    reason: str | None = None
    due_date: str | None = None
    production_site: str | None = None


class Operation(BaseModel):
    """One operation of a notification."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    operation_id: str
    operation: str
    status: str
    start_time: str
    card_id: str
    end_time: str | None = None
    error_code: str | None = None
    error: str | None = None
    details: Details = Details()


class Notification(BaseModel):
    """A notification of D1."""

    operations: list[Operation]


@app.post("/notifications/d1/v2/issuers/<issuer_id>/cards")
@tracer.capture_method
def receive(issuer_id: str, notification: Notification) -> Response[None]:
    """Store each operation, and alert for those that went wrong."""
    for operation in notification.operations:
        document = operation.model_dump_json(by_alias=True, exclude_none=True)
        table.put_item(
            Item={
                "pk": f"CARD#{operation.card_id}",
                "sk": "STATUS",
                "issuerId": issuer_id,
                "status": operation.details.status,
                "operationId": operation.operation_id,
                "operation": document,
            }
        )
        if operation.details.status in ALERT_STATUSES:
            sns.publish(
                TopicArn=os.environ["ALERT_TOPIC_ARN"],
                Subject=f"{operation.details.status}: card {operation.card_id}",
                Message=document,
            )
    metrics.add_metric(name="Operations", unit=MetricUnit.Count, value=len(notification.operations))
    logger.info("notification stored")
    return Response(status_code=HTTPStatus.NO_CONTENT)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one notification of D1."""
    return app.resolve(event, context)
