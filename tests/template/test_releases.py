"""A release: what has changed comes into service, and comes out of it again where it fails."""

import copy
import json

import pytest

from tests.template.test_functions import FUNCTIONS
from tests.template.transformed import LAYERS, Json, Stack, transformed


def versions(stack: Stack) -> dict[str, str]:
    """Name the version that each function's alias points at."""
    return {name: stack.properties(f"{name}Aliaslive")["FunctionVersion"]["Fn::GetAtt"][0] for name in FUNCTIONS}


@pytest.mark.parametrize("folder", ["functions/", *LAYERS])
def test_a_change_of_code_reaches_the_alias(written: Json, folder: str) -> None:
    """Also a change of one layer alone publishes every function anew: a version holds on to the layers it had."""
    before = versions(transformed(written))

    after = versions(transformed(written, code={folder: "changed.zip"}))

    assert all(after[name] != before[name] for name in FUNCTIONS)


def test_a_change_of_a_parameter_reaches_the_alias(written: Json) -> None:
    """A new setting comes into service with its deployment, by the digest that `make deploy` writes."""
    before = versions(transformed(written))
    stamped = copy.deepcopy(written)
    stamped["Globals"]["Function"]["Environment"]["Variables"]["SETTINGS_DIGEST"] = "0123456789ab"

    after = versions(transformed(stamped, {"RetentionDays": "30"}))

    assert all(after[name] != before[name] for name in FUNCTIONS)


def test_why_there_is_a_digest(written: Json) -> None:
    """SAM by itself does not see a changed parameter (its issue 3820). When this fails, the digest has had its day."""
    assert versions(transformed(written, {"RetentionDays": "30"})) == versions(transformed(written))


def test_nothing_changed(written: Json) -> None:
    """A deployment that changes nothing publishes nothing."""
    assert versions(transformed(written)) == versions(transformed(written))


def test_a_release_is_gradual(stack: Stack) -> None:
    """D1's notifications go to a new version a tenth at first, after a check of it, and back if an alarm goes off."""
    group = stack.properties("ReceiveNotificationFunctionDeploymentGroup")
    update = stack.resources["ReceiveNotificationFunctionAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    rollback = group["AutoRollbackConfiguration"]
    watched = [alarm["Name"] for alarm in group["AlarmConfiguration"]["Alarms"]]

    assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
    assert update["BeforeAllowTrafficHook"] == {"Ref": "CheckReleaseFunction"}
    assert watched == [{"Ref": "AnswersFailedAlarm"}, {"Ref": "FunctionErrorsAlarm"}]
    assert rollback["Enabled"] is True
    assert {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(rollback["Events"])
    assert group["ServiceRoleArn"] == {"Fn::GetAtt": ["ReleaseRole", "Arn"]}


def test_a_release_can_be_at_once(written: Json) -> None:
    """A repair need not wait for the alarm that it repairs: gradual releases can be left out by a parameter."""
    at_once = transformed(written, {"GradualReleases": "false"})

    assert not at_once.of_type("AWS::CodeDeploy::DeploymentGroup")
    assert "UpdatePolicy" not in at_once.resources["ReceiveNotificationFunctionAliaslive"]


def test_the_new_version_is_checked(stack: Stack) -> None:
    """The check invokes the very version that is about to come into service."""
    environment = stack.properties("CheckReleaseFunction")["Environment"]["Variables"]

    assert environment["NEW_VERSION_ARN"] == {"Ref": versions(stack)["ReceiveNotificationFunction"]}
