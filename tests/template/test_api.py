"""The API that D1 calls: one route, and an answer of ours whatever happens at the gateway."""

import json
from typing import Final

import pytest

from receive_notification.answers import FAILED
from tests.template.transformed import Json, Stack

ROUTE: Final = "/notifications/d1/v2/issuers/{issuerId}/cards"
TOKEN_ROUTE: Final = "/authz/d1/v1/oauth2/token"


@pytest.fixture
def body(stack: Stack) -> Json:
    """Give the API's definition."""
    definition: Json = stack.properties("CallbackApi")["Body"]
    return definition


def test_there_is_one_route(body: Json) -> None:
    """The path of the contract and its method are there, that for tokens where they are asked for, and nothing else."""
    condition, tokens, otherwise = body["paths"][TOKEN_ROUTE]["Fn::If"]

    assert body["paths"].keys() == {ROUTE, TOKEN_ROUTE}
    assert body["paths"][ROUTE].keys() == tokens.keys() == {"post"}
    assert (condition, otherwise) == ("IssuesTokens", {"Ref": "AWS::NoValue"})


def test_the_route_goes_to_the_alias(body: Json) -> None:
    """D1 is answered by the version in service."""
    integration = body["paths"][ROUTE]["post"]["x-amazon-apigateway-integration"]

    assert integration["type"] == "aws_proxy"
    assert "functions/${ReceiveNotificationFunctionAliaslive}/invocations" in integration["uri"]["Fn::Sub"]


def test_the_gateway_does_not_judge_bodies(body: Json) -> None:
    """No model and no validator turns away what the function would keep: D1 adds fields and values at will."""
    written = json.dumps(body)

    assert "requestBody" not in written
    assert "validator" not in written


def test_only_this_route_may_invoke_the_function(stack: Stack) -> None:
    """The permission is for the API's one method and path, on the alias."""
    permission = stack.properties("ReceiveNotificationFunctionNotificationPermissionStage")

    assert permission["FunctionName"] == {"Ref": "ReceiveNotificationFunctionAliaslive"}
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"]["Fn::Sub"][0].endswith("/POST/notifications/d1/v2/issuers/*/cards")


@pytest.mark.parametrize("situation", ["THROTTLED", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "DEFAULT_5XX"])
def test_a_failure_at_the_gateway_asks_d1_to_send_again(body: Json, situation: str) -> None:
    """Where the function cannot answer, the gateway gives the very answer that the function gives for a failure."""
    answer = body["x-amazon-apigateway-gateway-responses"][situation]

    assert answer["statusCode"] == str(FAILED.status_code)
    assert answer["responseParameters"] == {
        f"gatewayresponse.header.{name}": f"'{value}'" for name, value in FAILED.headers.items()
    }
    assert json.loads(answer["responseTemplates"]["application/json"]) == json.loads(FAILED.response()["body"])


def test_one_stage(stack: Stack) -> None:
    """The API is regional and has the one stage that was asked for; no bodies get into its execution logs."""
    (stage,) = stack.of_type("AWS::ApiGateway::Stage").values()

    assert stage["StageName"] == {"Ref": "Stage"}
    assert stage["TracingEnabled"] is True
    assert all(not one.get("DataTraceEnabled") for one in stage["MethodSettings"])
    assert stack.properties("CallbackApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_bursts_are_bounded(stack: Stack) -> None:
    """What a sender can cost is bounded by parameters; beyond it D1 is asked to send again."""
    (settings,) = stack.properties("CallbackApiStage")["MethodSettings"]

    assert settings["ThrottlingRateLimit"] == {"Ref": "RequestsASecond"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "RequestBurst"}
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")


def test_every_request_leaves_a_line(stack: Stack) -> None:
    """The access log tells who called, what came of it, and where to look further; it holds nothing of a body."""
    access = stack.properties("CallbackApiStage")["AccessLogSetting"]
    line = json.loads(access["Format"])

    assert access["DestinationArn"] == {"Fn::GetAtt": ["AccessLogs", "Arn"]}
    assert line["requestId"] == "$context.requestId"
    assert line["functionRequestId"] == "$context.integration.requestId"
    assert {"status", "clientSubject", "sourceIp", "refusedBy"} <= line.keys()
    assert all(value.startswith("$context.") for value in line.values())


def test_the_gateway_may_log(stack: Stack) -> None:
    """The right to log is set up before the stage that needs it, unless the account has it; it outlives the stack."""
    condition, account, elsewhere = stack.properties("CallbackApiStage")["Variables"]["logging"]["Fn::If"]

    assert (condition, account) == ("SetsUpGatewayLogging", {"Ref": "GatewayLogging"})
    assert elsewhere == "set-up-elsewhere"
    for name in ("GatewayLogging", "GatewayLoggingRole"):
        assert stack.resources[name]["Condition"] == "SetsUpGatewayLogging"
        assert stack.resources[name]["DeletionPolicy"] == "Retain"
