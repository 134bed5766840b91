"""Mutual TLS: with a domain there is one way in, for one caller; without one the stack says that it is not for D1."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.template.rules import complaints
from tests.template.transformed import Json, Stack

NOTHING: Final[Mapping[str, str]] = {}
WHOLE: Final[Mapping[str, str]] = {
    "DomainName": "d1.bank.example",
    "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
    "TruststoreBucket": "bank-truststores",
    "TruststoreKey": "d1.pem",
    "TruststoreVersion": "v1",
    "ClientCertificateSubject": "CN=d1,O=Thales,C=FR",
}
FOR_PRODUCTION: Final = {"Stage": "prod"}


@pytest.mark.parametrize("given", [NOTHING, WHOLE, {**WHOLE, **FOR_PRODUCTION}], ids=["none", "all", "production"])
def test_all_of_it_or_none(stack: Stack, given: Mapping[str, str]) -> None:
    """A stack with all that mutual TLS needs can be deployed, and a development stack with nothing of it."""
    assert complaints(stack, given) == []


@pytest.mark.parametrize("missing", [name for name in WHOLE if name != "DomainName"])
def test_half_of_it_is_refused(stack: Stack, missing: str) -> None:
    """A domain without certificate, truststore, its version or D1's subject is refused before anything is made."""
    given = {name: value for name, value in WHOLE.items() if name != missing}

    (complaint,) = complaints(stack, given)

    assert missing in complaint


@pytest.mark.parametrize("alone", [name for name in WHOLE if name != "DomainName"])
def test_without_a_domain_nothing_pretends_to_be_safe(stack: Stack, alone: str) -> None:
    """A parameter of mutual TLS without the domain has no effect, so it is refused and not ignored."""
    (complaint,) = complaints(stack, {alone: WHOLE[alone]})

    assert alone in complaint


def test_production_is_never_open(stack: Stack) -> None:
    """The stage prod cannot be deployed in a way that lets anyone write to it."""
    assert len(complaints(stack, FOR_PRODUCTION)) == 1


def test_the_domain(stack: Stack) -> None:
    """The domain is regional, checks client certificates by one version of the truststore, and takes TLS 1.2 or 1.3."""
    domain = stack.properties("CallbackDomain")

    assert stack.resources["CallbackDomain"]["Condition"] == "HasDomain"
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert domain["SecurityPolicy"] == "TLS_1_2"
    assert domain["RegionalCertificateArn"] == {"Ref": "CertificateArn"}
    assert domain["MutualTlsAuthentication"] == {
        "TruststoreUri": {"Fn::Sub": "s3://${TruststoreBucket}/${TruststoreKey}"},
        "TruststoreVersion": {"Ref": "TruststoreVersion"},
    }


def test_the_domain_leads_to_the_callback(stack: Stack) -> None:
    """D1's path is found under the domain as it is, without a stage in it."""
    mapping = stack.properties("CallbackDomainMapping")

    assert stack.resources["CallbackDomainMapping"]["Condition"] == "HasDomain"
    assert mapping == {
        "DomainName": {"Ref": "CallbackDomain"},
        "RestApiId": {"Ref": "CallbackApi"},
        "Stage": {"Ref": "CallbackApiStage"},
    }


def test_there_is_no_way_around_it(stack: Stack) -> None:
    """With a domain the default endpoint, which asks for no certificate, is closed; and the function asks too."""
    (server,) = stack.properties("CallbackApi")["Body"]["servers"]
    environment = stack.properties("ReceiveNotificationFunction")["Environment"]["Variables"]

    assert server["x-amazon-apigateway-endpoint-configuration"] == {
        "disableExecuteApiEndpoint": {"Fn::If": ["HasDomain", True, False]}
    }
    assert environment["CLIENT_CERTIFICATE_SUBJECT"] == {"Ref": "ClientCertificateSubject"}


def test_closing_the_default_endpoint_takes_effect(written: Json) -> None:
    """Every deployment of the stack deploys the API: a stack that gets its domain later is closed at once."""
    assert written["Resources"]["CallbackApi"]["Properties"]["AlwaysDeploy"] is True


def test_a_development_stack_says_so(stack: Stack) -> None:
    """Whoever reads the outputs sees that a stack without a domain is open."""
    condition, closed, open_to_all = stack.outputs["Callers"]["Value"]["Fn::If"]

    assert condition == "HasDomain"
    assert "mutual TLS" in closed["Fn::Sub"]
    assert open_to_all.startswith("DEVELOPMENT STACK")
