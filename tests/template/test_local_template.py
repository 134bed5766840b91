"""What `make run` and the integration tests deploy is the template that goes to AWS."""

import json
from typing import Any, Final

from local.template import BATCH_CALLS, local_template
from tests.alarms.of_alerts import DELAYED
from tests.template.transformed import Json

KEYS: Final = {name: f"{name}.zip" for name in ("functions", "layers/card_tracking", "layers/dependencies")}


def differences(here: Any, there: Any, at: str = "") -> set[str]:
    """Name every place where two documents differ."""
    if isinstance(here, dict) and isinstance(there, dict):
        return {
            difference
            for name in here.keys() | there.keys()
            for difference in differences(here.get(name), there.get(name), f"{at}/{name}")
        }
    return set() if here == there else {at}


def test_it_differs_only_where_one_machine_differs_from_aws(written: Json) -> None:
    """Code, the demand for TLS, names of batch calls, gradual releases and some alarms are all that is changed."""
    local = json.loads(local_template(KEYS, "bucket"))

    assert differences(json.loads(json.dumps(written)), local) == {
        "/Globals/Function/CodeUri",
        "/Resources/CardTrackingLayer/Properties/ContentUri",
        "/Resources/DependenciesLayer/Properties/ContentUri",
        "/Parameters/GradualReleases/Default",
        f"/Resources/{DELAYED}",
        "/Resources/FunctionErrorsAlarm",
        "/Resources/FunctionsThrottledAlarm",
        "/Resources/OverdueNotLookedForAlarm",
        "/Resources/QueriesFailedAlarm",
        "/Resources/ReconciliationFailsAlarm",
        "/Resources/SilenceAlarm",
        "/Resources/TableThrottledAlarm",
        "/Resources/OperationsTopicPolicy/Properties/PolicyDocument/Statement",
        "/Resources/AlertTopicPolicy/Properties/PolicyDocument/Statement",
        "/Resources/RejectedQueuePolicy",
        "/Resources/ReceiveNotificationRole/Properties/Policies",
        "/Resources/RelayAlertsRole/Properties/Policies",
        "/Resources/ReplayRejectedRole/Properties/Policies",
        "/Resources/ReconcileCardsRole/Properties/Policies",
        "/Resources/AlertOverdueCardsRole/Properties/Policies",
    }


def test_roles_gain_nothing_but_batch_calls(written: Json) -> None:
    """Each role may do what it may do in AWS, and the calls by which the emulator knows the same actions."""
    local = json.loads(local_template(KEYS, "bucket"))

    for name in (
        "ReceiveNotificationRole",
        "RelayAlertsRole",
        "ReplayRejectedRole",
        "AlertOverdueCardsRole",
        "GetCardStatusRole",
        "CheckReleaseRole",
    ):
        there = statements(written["Resources"][name])
        here = statements(local["Resources"][name])
        assert here[: len(there)] == there
        assert actions(here[len(there) :]) == {BATCH_CALLS[action] for action in actions(there) & BATCH_CALLS.keys()}


def statements(role: Json) -> list[Json]:
    """Give what a role's policy says."""
    (policy,) = (one for one in role["Properties"]["Policies"] if "PolicyDocument" in one)
    document: list[Json] = policy["PolicyDocument"]["Statement"]
    return document


def actions(allowing: list[Json]) -> set[str]:
    """Collect all that statements allow."""
    lists = [one["Action"] if isinstance(one["Action"], list) else [one["Action"]] for one in allowing]
    return {action for one in lists for action in one}
