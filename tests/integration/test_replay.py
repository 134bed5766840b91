"""Rejected operations can be taken in again, in the deployed stack with the function's own rights."""

import json

from local.deployment import Deployment
from tests.integration.client import Client
from tests.integration.notifications import Card


def test_what_was_repaired_goes_through(client: Client, deployment: Deployment) -> None:
    """A message whose operation can be stored now leaves the queue for the table; one that cannot stays."""
    good, bad = Card(), Card()
    client.rejected()
    client.post({**bad.data_prepared(), "startTime": "never"})
    repaired = {"reason": "REPAIRED", "operation": good.data_prepared(), "receivedAt": "2025-01-17T06:28:02.492Z"}
    client.sqs.send_message(QueueUrl=deployment.outputs["RejectedQueueUrl"], MessageBody=json.dumps(repaired))
    replay = deployment.outputs["ReplayRejectedFunctionName"]

    tried = client.invoke(replay, {})
    done = client.invoke(replay, {"dryRun": False, "operationsASecond": 1000})
    (left,) = client.rejected()

    assert (tried["selected"], tried["replayed"]) == (2, 0)
    assert (done["selected"], done["replayed"], done["still_rejected"]) == (2, 1, 1)
    assert client.card(good.card_id)["status"] == "DATA_PREPARED"
    assert left["operation"]["cardId"] == bad.card_id
