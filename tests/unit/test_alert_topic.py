"""The topic: what one call may hold, which messages are sent again, and what is reported."""

import time
from collections.abc import Sequence
from typing import Any

import pytest

from card_tracking.adapters.alert_topic import AlertTopic, Publication
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from tests.proof.doubles import Topic
from tests.samples import update
from tests.unit.recorder import Recorder, Response
from tests.wiring.faults import client_error

SNS_BYTES = 262_144


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of making them."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


def alerts(count: int, **fields: Any) -> list[Alert]:
    """Return alerts about distinct cards."""
    return [
        Alert(update("DATA_EXCEPTION", card_id=f"c{number}", **fields), superseded=False) for number in range(count)
    ]


def topic(client: Any) -> AlertTopic:
    """Return the topic with a client in memory."""
    return AlertTopic(lambda: client, "arn:topic", "BANK000001")


def answer(successful: Sequence[int] = (), failed: Sequence[tuple[int, str, bool]] = ()) -> Response:
    """Write an answer of PublishBatch, which lists by number what succeeded and what failed."""
    return {
        "Successful": [{"Id": str(number)} for number in successful],
        "Failed": [{"Id": str(number), "Code": code, "SenderFault": fault} for number, code, fault in failed],
    }


def bytes_of(entry: dict[str, Any]) -> int:
    """Measure a message as SNS does: with the names, types and values of its attributes."""
    attributes = sum(
        len(f"{name}{one['DataType']}{one['StringValue']}".encode()) for name, one in entry["MessageAttributes"].items()
    )
    return len(entry["Message"].encode()) + attributes


class Measured(Topic):
    """A topic that refuses what SNS refuses, and notes the messages and the bytes of each call."""

    def __init__(self) -> None:
        """Note nothing yet."""
        super().__init__()
        self.calls: list[tuple[int, int]] = []

    def publish_batch(self, **request: Any) -> Any:
        """Publish, and note the size."""
        entries = request["PublishBatchRequestEntries"]
        self.calls.append((len(entries), sum(map(bytes_of, entries))))
        return super().publish_batch(**request)


@pytest.mark.parametrize(("count", "calls"), [(1, [1]), (10, [10]), (11, [1, 10]), (25, [5, 10, 10])])
def test_call_has_ten_messages_at_most(count: int, calls: list[int]) -> None:
    """Messages are sent ten a call, which is all that SNS takes."""
    client = Measured()

    assert len(topic(client).publish(alerts(count), Deadline()).published) == count
    assert sorted(messages for messages, _ in client.calls) == calls


@pytest.mark.parametrize("length", range(40, 301, 20))
def test_call_holds_no_more_bytes_than_sns_takes(length: int) -> None:
    """Large messages share a call only while all of them together are within the limit of SNS."""
    names = ("error", "error_code", "reason", "due_date", "production_site", "input_file_name", "end_time")
    client = Measured()
    publication = topic(client).publish(alerts(30, **dict.fromkeys(names, "\U0001f600" * length)), Deadline())

    assert (len(publication.published), publication.failure) == (30, None)
    assert max(size for _, size in client.calls) <= SNS_BYTES


def test_message_is_written_for_each_protocol() -> None:
    """A message holds a text for each protocol, with its subject and attributes."""
    client = Recorder(answer([0]))
    topic(client).publish(alerts(1), Deadline())

    ((name, request),) = client.requests
    (entry,) = request["PublishBatchRequestEntries"]
    assert (name, request["TopicArn"]) == ("publish_batch", "arn:topic")
    assert entry["MessageStructure"] == "json"
    assert entry["Subject"] == "DATA_EXCEPTION: card c0"
    assert entry["MessageAttributes"]["issuerId"] == {"DataType": "String", "StringValue": "BANK000001"}


def test_message_that_is_refused_for_good_is_sent_once() -> None:
    """A sender's fault is reported by its code, the first one, and costs the other messages nothing."""
    client = Recorder(answer([1], [(0, "InvalidParameter", True), (2, "KMSDisabled", True)]))
    one, two, three = alerts(3)
    publication = topic(client).publish([one, two, three], Deadline())

    assert publication == Publication([two], "InvalidParameter", can_go_on=True)
    assert len(client.requests) == 1


def test_message_that_is_refused_for_now_is_sent_again() -> None:
    """A fault of SNS's own is sent a second time, alone."""
    client = Recorder(answer([0], [(1, "InternalError", False)]), answer([0]))
    one, two = alerts(2)

    assert topic(client).publish([one, two], Deadline()) == Publication([one, two], None, can_go_on=True)
    assert [len(request["PublishBatchRequestEntries"]) for _, request in client.requests] == [2, 1]


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (client_error("Throttled"), "publish_batch: Throttled"),
        (answer([], [(0, "InternalError", False)]), "batch: EntriesLeftUndone"),
    ],
)
def test_topic_that_is_down_is_tried_twice(pauses: list[float], response: Response, failure: str) -> None:
    """D1 waits meanwhile: after two tries the rest is the relay's."""
    client = Recorder(response)

    assert topic(client).publish(alerts(1), Deadline()) == Publication([], failure, can_go_on=False)
    assert len(client.requests) == 2
    assert len(pauses) == 1
