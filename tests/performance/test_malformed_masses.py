"""A mass of malformed operations costs no more CPU than as many bytes of good ones."""

import json
import time
from collections.abc import Iterator
from hashlib import md5
from typing import Any, Final

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from card_tracking.deadline import Deadline
from card_tracking.use_cases.receive import ReceiveNotification
from card_tracking.wire.notification import read_notification
from card_tracking.wire.rejected_message import Origin
from tests.performance.bodies import body
from tests.performance.conftest import RECEIVED, TABLE, CountingAws
from tests.proof.product import Services, composed

OPERATIONS: Final = 2_500
"""Number of good ones: 0.7 MB. The ratio is about the same at the 5.5 MB that Lambda takes."""
ACCESS: Final[dict[str, Any]] = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "config": Config(parameter_validation=False),
}


class _Content:
    """The content of a response, as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Yield all of it."""
        yield self._content


def answer(request: Any, **_: Any) -> Any:
    """Answer in place of AWS, after botocore has written and signed the request: nothing is there, all is taken."""
    sent = json.loads(request.body)
    entries = [
        # MD5 is what SQS answers with, and botocore compares it.
        {"Id": one["Id"], "MessageId": "m", "MD5OfMessageBody": md5(one["MessageBody"].encode()).hexdigest()}  # noqa: S324
        for one in sent.get("Entries", [])
    ]
    content = {
        "Responses": [{} for _ in sent["Statements"]] if "Statements" in sent else {TABLE: []},
        "Successful": entries,
        "Failed": [],
    }
    return AWSResponse(request.url, 200, HTTPHeaders(), _Content(json.dumps(content).encode()))


@pytest.fixture
def receive() -> Iterator[ReceiveNotification]:
    """Give the use case with AWS's own clients, whose requests end before the network."""
    clients = {name: boto3.client(name, **ACCESS) for name in ("dynamodb", "sqs")}
    for name, client in clients.items():
        client.meta.events.register(f"before-send.{name}.*", answer)
    aws = CountingAws()
    with composed(Services(clients["dynamodb"], TABLE, aws, clients["sqs"], aws)) as compose:
        yield compose()


def seconds_of(receive: ReceiveNotification, text: str) -> float:
    """Return the CPU seconds that a body takes, the best of three."""
    best = float("inf")
    for number in range(3):
        began = time.process_time()
        receive(read_notification(text, RECEIVED), Origin(RECEIVED, f"request-{number}", None), Deadline())
        best = min(best, time.process_time() - began)
    return best


def test_malformed_operations_cost_no_more_than_good_ones(receive: ReceiveNotification) -> None:
    """As many bytes of the smallest malformed operations as of good ones take at most their CPU."""
    good = body("good", OPERATIONS)
    most = seconds_of(receive, good)
    for unit in ("{}", "0", "[]", '""', "NaN", '{"cardId":"a"}', '{"operationId":""}', '{"consumerId":1}'):
        bad = f'{{"operations":[{",".join([unit] * (len(good) // (len(unit) + 1)))}]}}'
        assert seconds_of(receive, bad) <= most, unit
