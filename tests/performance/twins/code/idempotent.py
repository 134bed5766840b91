"""What a team would write next: the same, with the idempotency of Powertools against repeated notifications.

As its documentation shows it for a function behind API Gateway: the body is the key.
"""

import os
from typing import Any, Final

from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent
from aws_lambda_powertools.utilities.typing import LambdaContext
from naive import app, logger, metrics, tracer

persistence: Final = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE_NAME"])
config: Final = IdempotencyConfig(event_key_jmespath="powertools_json(body)")


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
@idempotent(config=config, persistence_store=persistence)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one notification of D1."""
    answer: dict[str, Any] = app.resolve(event, context)
    return answer
