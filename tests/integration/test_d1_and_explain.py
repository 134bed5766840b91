"""D1 at the desk: every scenario ends green against the deployed template, what is wrong shows, and is explained."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Final
from unittest.mock import patch

import boto3
import pytest

from local.d1.__main__ import main as d1
from local.d1.caller import Caller, Target
from local.d1.resending import Reply, Resending
from local.d1.run import Checks, Setting, perform
from local.d1.scenarios import SCENARIOS
from local.d1.scenarios.volume import CARDS_A_STORM_BODY
from local.d1.script import Ending, Message, Script
from local.deployment import STACK, Deployment
from local.engine import ACCESS_KEY, REGION
from local.explain.__main__ import explain
from local.explain.__main__ import main as explain_command
from local.explain.story import document
from local.explain.text import lines
from local.stack import Stack
from tests.integration.client import Client
from tests.integration.notifications import Card, Json
from tests.integration.outages import end_lease, outage_of_sns, pending_alerts, relay_stopped

FEWER_CARDS: Final = {"bulk": 30, "order-batch": 40, "storm": 40, "malformed": 7}
SECONDS: Final = {"order-batch": 2.0}
LAST_MESSAGE: Final = 3
"""Of the storm that the topic fails in, counted from 0."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a person does at a terminal, and what that person sees."""

    setting: Setting
    shown: list[str]

    def run(self, script: Script, seconds: float = 0.0, **changes: Any) -> bool:
        """Run a script; tell whether it ended green."""
        return perform(script, seconds, 1, replace(self.setting, **changes))


@pytest.fixture
def desk(deployment: Deployment) -> Desk:
    """Sit down at the deployed stack."""
    shown: list[str] = []
    outputs = deployment.outputs
    return Desk(
        Setting(
            stack=stack_of(deployment),
            target=Target(deployment.callback_url),
            checks=Checks(
                outputs["GetCardStatusFunctionArn"],
                outputs["AlertTopicArn"],
                rejected_queue=outputs["RejectedQueueUrl"],
                alert_wait=10.0,
            ),
            resending=Resending(first_wait=0.1),
            show=shown.append,
        ),
        shown,
    )


@pytest.fixture
def aws(deployment: Deployment) -> Iterator[None]:
    """Let the ordinary AWS settings lead to the engine, as they lead to an account elsewhere."""
    with patch.dict(
        os.environ,
        AWS_ENDPOINT_URL=deployment.engine.endpoint_url,
        AWS_ACCESS_KEY_ID=ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY=ACCESS_KEY,
    ):
        yield


def stack_of(deployment: Deployment) -> Stack:
    """Reach the stack as the tools do."""
    session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=ACCESS_KEY, region_name=REGION)
    return Stack(session, deployment.outputs, deployment.callback_url, deployment.engine.endpoint_url)


def script_of(name: str, seed: int) -> Script:
    """Write a scenario with cards that no other test knows."""
    return SCENARIOS[name].script(name, seed, FEWER_CARDS.get(name))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_ends_green(desk: Desk, name: str) -> None:
    """Every card where it must be, every cause alerted once, every rejected operation kept."""
    assert desk.run(script_of(name, 1), SECONDS.get(name, 0.0)), "\n".join(desk.shown)


def test_it_ends_green_although_answers_get_lost(desk: Desk) -> None:
    """D1 sends again what was stored already: in any order, the same end and no second alert."""
    target = replace(desk.setting.target, lost_answers=0.3)

    assert desk.run(script_of("reordered", 2), target=target), "\n".join(desk.shown)
    assert any("times timeout" in line for line in desk.shown)


def test_a_repeated_run_is_told_and_alerts_nothing_twice(desk: Desk) -> None:
    """The same seed again: nothing changes, and no alert comes a second time."""
    assert desk.run(script_of("two-operations", 3))
    assert desk.run(script_of("two-operations", 3)), "\n".join(desk.shown)
    assert "alerts    0 came; the cards were known before this run, so none may come twice" in desk.shown


def test_what_is_not_as_it_must_be_is_told(desk: Desk) -> None:
    """A card that ends elsewhere is red, with what is and what must be."""
    script = script_of("lifecycle", 4)
    (ending,) = script.endings
    script.endings = [Ending(ending.card_id, {**(ending.answer or {}), "productionSite": "the Moon"})]

    assert not desk.run(script)
    assert any(ending.card_id in line and 'must be "the Moon"' in line for line in desk.shown)


class CallerThroughAnOutage(Caller):
    """Calls as D1 does; the topic refuses everybody from the second call on, and takes alerts again before the last."""

    begin: Callable[[], None]
    end: Callable[[], None]

    def call(self, number: int, message: Message) -> Reply:
        """Send a message once."""
        if number == 1:
            type(self).begin()
        elif number == LAST_MESSAGE:
            type(self).end()
        return super().call(number, message)


def test_it_ends_green_although_the_topic_fails_midway(
    desk: Desk, client: Client, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay is stopped, and the topic fails in the middle of a storm: D1 is answered 204 all the same.

    The check waits for the alerts that are missing, and is green once the relay has brought them.
    """
    script = SCENARIOS["storm"].script("storm", 5, CARDS_A_STORM_BODY * (LAST_MESSAGE + 1))
    waiting: list[Json] = []
    told: list[str] = []

    def show(line: str) -> None:
        told.append(line)
        if "waiting for" in line and not waiting:
            waiting.extend(
                key for ending in script.endings for key in pending_alerts(client, deployment, ending.card_id)
            )
            for key in waiting:
                end_lease(client, deployment, key)
            relay_starts_again.close()
            client.invoke(deployment.outputs["RelayAlertsFunctionName"], {})

    # Both end with the test, whatever becomes of it.
    with ExitStack() as relay_starts_again, ExitStack() as topic_recovers:
        relay_starts_again.enter_context(relay_stopped(deployment))
        monkeypatch.setattr("local.d1.run.Caller", CallerThroughAnOutage)
        outage = outage_of_sns(deployment)
        CallerThroughAnOutage.begin = staticmethod(lambda: topic_recovers.enter_context(outage))
        CallerThroughAnOutage.end = staticmethod(topic_recovers.close)
        green = desk.run(script, connections=1, show=show)

    assert green, "\n".join(told)
    assert len(waiting) == CARDS_A_STORM_BODY * (LAST_MESSAGE - 1)
    assert any(line.startswith(f"answered  {LAST_MESSAGE + 1} calls") and "times 204" in line for line in told)


def test_a_deployed_stack_is_found_by_its_name(
    aws: None, deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything but the engine's own address is read from the stack's outputs, with the ordinary credentials."""
    words = ["failure", "--seed", "6", "--stack", STACK, "--region", REGION, "--url", deployment.callback_url]

    assert d1(words) == 0
    assert "once for each of 1 causes" in capsys.readouterr().out


def test_a_renewed_card_is_explained(desk: Desk) -> None:
    """What still came of the production before is told as such; its failure alerted, and says that it was late."""
    script = script_of("two-operations", 7)
    desk.run(script)
    card_id = script.endings[0].card_id

    story = document(explain(desk.setting.stack, card_id))

    assert [arrival["effect"] for arrival in story["arrivals"]] == ["applied"] * 10 + ["superseded"] * 2
    assert story["card"]["status"] == "CARD_PROD_READY"
    assert story["notes"] == []
    (alert,) = story["alerts"]
    assert alert["superseded"]
    assert alert["publishedAt"] >= alert["raisedAt"]
    assert story["arrivals"][-1]["alertId"] == alert["alertId"]


def test_a_card_that_saw_it_all_is_explained(desk: Desk, client: Client) -> None:
    """Everything that can become of an arrival, in its order and with its reason, from the table and the queue."""
    card = Card()
    renewed = card.produced_again()
    arrivals = [
        (card.requested(), "applied", "The first that D1 told"),
        (card.requested(), "duplicate", "Says the same as what came at"),
        (card.update("CARD_PROD_ON_HOLD"), "shown for now", "This status is unknown here"),
        (card.data_exception(), "applied", "so it replaces CARD_PROD_ON_HOLD"),
        (card.data_prepared(), "stale", "Not as far as DATA_EXCEPTION"),
        (card.requested() | {"startTime": "soon"}, "rejected", "START_TIME_UNREADABLE: startTime."),
        (card.requested() | {"operation": "SUSPEND"}, "not tracked", "Only PRODUCE"),
        (card.update("CARD_PROD_CANCELED"), "applied", "Further than DATA_EXCEPTION"),
        (card.update("CARD_PROD_ON_SHELF"), "unknown", "production had ended"),
        (renewed.requested(), "applied", "A newer production than operation"),
        (card.shipped(), "superseded", "Belongs to a production that started at"),
    ]
    for operation, _, _ in arrivals:
        assert client.post(operation).status == 204

    told = explain(desk.setting.stack, card.card_id)
    story = document(told)

    assert [(one["operation"], one["effect"]) for one in story["arrivals"]] == [arrival[:2] for arrival in arrivals]
    for one, (_, _, why) in zip(story["arrivals"], arrivals, strict=True):
        assert why in one["why"]
    assert (story["card"]["status"], story["card"]["operationId"]) == ("CARD_PROD_REQUESTED", renewed.operation_id)
    assert "the newest of 2" in story["why"]
    assert [alert["status"] for alert in story["alerts"]] == ["DATA_EXCEPTION", "CARD_PROD_CANCELED"]
    assert all(alert["publishedAt"] for alert in story["alerts"])
    assert all(why in "\n".join(lines(told)) for _, _, why in arrivals)


def test_a_rejected_operation_is_explained(desk: Desk) -> None:
    """It left no card, and its story says where it lies; the queue still has it afterwards."""
    script = script_of("malformed", 8)
    desk.run(script)
    card_id = [ending.card_id for ending in script.endings if ending.answer is None][2]

    for _ in range(2):
        (arrival,) = explain(desk.setting.stack, card_id).arrivals
        assert arrival.effect.name == "rejected"
        assert arrival.effect.why == "FIELD_MISSING: startTime. It lies in the queue of rejected operations."


def test_explain_finds_a_deployed_stack_by_its_name(aws: None, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """As a person on call asks."""
    script = script_of("shipment", 9)
    desk.run(script)

    assert explain_command([script.endings[0].card_id, "--stack", STACK, "--region", REGION]) == 0
    assert "with the latest news of the shipment" in capsys.readouterr().out
