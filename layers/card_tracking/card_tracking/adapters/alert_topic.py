"""The topic that alerting channels subscribe to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from card_tracking.adapters.retries import batches_within, insist_in_batches, invoke
from card_tracking.deadline import Deadline
from card_tracking.domain.alerts import Alert
from card_tracking.errors import DependencyFailed, OutOfTime
from card_tracking.wire.alert_message import alert_attributes, alert_message, alert_subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sns.client import SNSClient

MESSAGES_A_CALL: Final = 10
BYTES_A_CALL: Final = 240_000
"""SNS takes 262,144 for all messages of a call together, their attributes included."""

ATTEMPTS: Final = 2
"""D1 waits for its answer meanwhile, and the relay tries again every minute."""


class Publication(NamedTuple):
    """The alerts that the topic has taken, and why it has not taken all, where it has not."""

    published: list[Alert]
    failure: str | None
    can_go_on: bool
    """Whether there is any use in publishing more now: one alert that is refused says nothing about the others."""
    is_marked: bool = True
    """Whether the outbox knows of all that is published. An alert without its mark is published once more."""


class AlertTopic:
    """The SNS topic under its ARN."""

    def __init__(self, make_client: "Callable[[], SNSClient]", topic_arn: str, issuer_id: str) -> None:
        """Make the client only when there is something to publish: most invocations have nothing."""
        self._make_client = make_client
        self._client: SNSClient | None = None
        self._topic_arn = topic_arn
        self._issuer_id = issuer_id

    def publish(self, alerts: Sequence[Alert], deadline: Deadline) -> Publication:
        """Publish alerts, ten a call.

        Raises nothing of AWS: what is not published is still pending in the outbox, and the relay's to repeat.
        """
        self._client = client = self._client or self._make_client()
        published: list[Alert] = []
        refusals: list[str] = []

        def attempt(batch: Sequence[tuple[Alert, dict[str, Any]]]) -> list[tuple[Alert, dict[str, Any]]]:
            entries: Any = [{"Id": str(number), **message} for number, (_, message) in enumerate(batch)]
            answer = invoke(client.publish_batch, TopicArn=self._topic_arn, PublishBatchRequestEntries=entries)
            published.extend(batch[int(entry["Id"])][0] for entry in answer.get("Successful", []))
            failed = answer.get("Failed", [])
            # A sender's fault stays one however often it is sent.
            refusals.extend(entry["Code"] for entry in failed if entry["SenderFault"])
            return [batch[int(entry["Id"])] for entry in failed if not entry["SenderFault"]]

        batches = batches_within(
            MESSAGES_A_CALL, BYTES_A_CALL, [(alert, self._message(alert)) for alert in alerts], _bytes_of
        )
        try:
            insist_in_batches(attempt, batches, deadline, ATTEMPTS)
        except (DependencyFailed, OutOfTime) as error:
            return Publication(published, str(error), can_go_on=False)
        return Publication(published, refusals[0] if refusals else None, can_go_on=True)

    def _message(self, alert: Alert) -> dict[str, Any]:
        return {
            "Message": alert_message(alert, self._issuer_id),
            "MessageStructure": "json",
            "Subject": alert_subject(alert),
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value}
                for name, value in alert_attributes(alert, self._issuer_id).items()
            },
        }


def _bytes_of(entry: tuple[Alert, dict[str, Any]]) -> int:
    return len(str(entry[1]).encode())
