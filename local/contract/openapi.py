"""The callback as an OpenAPI 3.1 document: paths from the template, answers from the tables in the functions."""

import json
from collections.abc import Sequence
from typing import Any, Final

from access_tokens import LIFETIME_SECONDS
from issue_token import answers as token_answers
from local.contract import samples
from local.contract.schemas import DIALECT, Schema, observed, operation
from local.template import load_template
from receive_notification import answers
from receive_notification.answers import Answer

BODY_OF_AN_ERROR: Final = "Error"


def document() -> dict[str, Any]:
    """Write the document."""
    template = load_template()
    definition = template["Resources"]["CallbackApi"]["Properties"]["DefinitionBody"]
    operations = {
        "/notifications/d1/v2/issuers/{issuerId}/cards": _notifications(
            template["Parameters"]["IssuerId"]["AllowedPattern"]
        ),
        "/authz/d1/v1/oauth2/token": _tokens(),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Card tracking: the callback of D1",
            "version": definition["info"]["version"],
            "description": "What D1 calls. Written by `make docs` from the template and the code; docs/contract.md "
            "says it in words. On a development stack neither security scheme is asked for.",
        },
        "jsonSchemaDialect": DIALECT,
        "servers": [
            {
                "url": "https://{domain}",
                "variables": {"domain": {"default": "d1.bank.example", "description": "Parameter DomainName"}},
            }
        ],
        # A path that the template has and nobody has described here is a KeyError.
        "paths": {path: {"post": operations[path]} for path in definition["paths"]},
        "components": {
            "securitySchemes": {
                "clientCertificate": {
                    "type": "mutualTLS",
                    "description": "D1's client certificate: signed by a CA of the truststore, and of its subject.",
                },
                "accessToken": {
                    "type": "oauth2",
                    "description": "Where the parameter AccessTokens is true. With `provider` the token is one of the "
                    "issuer's own identity provider, and there is no token endpoint here.",
                    "flows": {
                        "clientCredentials": {"tokenUrl": "/authz/d1/v1/oauth2/token", "scopes": {}},
                    },
                },
                "clientCredentials": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "base64 or base64url of `clientId:clientSecret`.",
                },
            },
            "schemas": {
                "Notification": _notification(),
                "Operation": operation(),
                BODY_OF_AN_ERROR: _error(),
                "Token": _token(),
                "TokenError": _token_error(),
            },
        },
    }


def _notifications(issuer_id_pattern: str) -> dict[str, Any]:
    cases = ("card_requested", "data_exception", "card_shipped_progress", "page_in_order")
    return {
        "operationId": "receiveNotification",
        "summary": "D1 tells of one or many card operations",
        "security": [{"clientCertificate": []}, {"clientCertificate": [], "accessToken": []}],
        "parameters": [
            {
                "name": "issuerId",
                "in": "path",
                "required": True,
                "description": "The issuer of the stack; any other is answered 404.",
                "schema": {"type": "string", "pattern": f"^{issuer_id_pattern}$"},
            },
            {
                "name": "x-correlation-id",
                "in": "header",
                "description": "For tracing only; it is logged and kept where it has the shape of an identifier.",
                "schema": {"type": "string"},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Notification"},
                    "examples": {case: {"value": samples.notification(case)} for case in cases},
                }
            },
        },
        "responses": _responses(answers.ALL),
    }


def _responses(given: Sequence[Answer]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for answer in given:
        response = responses.setdefault(str(answer.status_code), {"description": ""})
        response["description"] = "; or ".join(filter(None, [response["description"], answer.situation]))
        for name, value in answer.headers.items():
            always = all(name in one.headers for one in given if one.status_code == answer.status_code)
            response.setdefault("headers", {})[name] = _header(value, always=always)
        body = answer.response()["body"]
        if body:
            content = response.setdefault("content", {}).setdefault(
                "application/json", {"schema": {"$ref": f"#/components/schemas/{BODY_OF_AN_ERROR}"}, "examples": {}}
            )
            content["examples"][answer.error_code] = {"value": json.loads(body)}
    return responses


def _header(example: str, *, always: bool) -> Schema:
    return {"required": always, "schema": {"type": "string"}, "example": example}


def _notification() -> Schema:
    return {
        "type": "object",
        "description": "What is not so is answered 400, and a copy is kept.",
        "required": ["operations"],
        "properties": {"operations": {"type": "array", "items": {"$ref": "#/components/schemas/Operation"}}},
    }


def _error() -> Schema:
    bodies = [json.loads(one.response()["body"]) for one in answers.ALL if one.error_code]
    schema = observed(bodies)
    schema["properties"]["errorCode"] |= {
        "description": "For machines",
        "enum": sorted({body["errorCode"] for body in bodies}),
    }
    schema["properties"]["error"]["description"] = "For people; never a value of the request"
    return schema


def _token() -> Schema:
    schema = observed([json.loads(token_answers.token("token", scope)["body"]) for scope in ("scope", None)])
    schema["properties"]["expires_in"]["example"] = str(LIFETIME_SECONDS)
    schema["properties"]["token_type"]["const"] = "Bearer"
    return schema


def _token_error() -> Schema:
    codes = [*token_answers.REFUSALS, json.loads(token_answers.unavailable()["body"])["error"]]
    schema = observed([json.loads(token_answers.error(code)["body"]) for code in codes])
    schema["properties"]["error"] = {"type": "string", "enum": codes}
    return schema


def _tokens() -> dict[str, Any]:
    token, token_error, error = (
        {"$ref": f"#/components/schemas/{name}"} for name in ("Token", "TokenError", BODY_OF_AN_ERROR)
    )
    unavailable = token_answers.unavailable()
    refused = "; or ".join(f"`{code}`: {when}" for code, when in token_answers.REFUSALS.items())
    return {
        "operationId": "issueToken",
        "summary": "D1 fetches an access token (only where the parameter AccessTokens is `true`)",
        "security": [{"clientCertificate": [], "clientCredentials": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "required": ["grant_type"],
                        "properties": {
                            "grant_type": {"const": "client_credentials"},
                            "scope": {"type": "string", "description": "Answered as it was asked for"},
                        },
                    }
                }
            },
        },
        "responses": {
            "200": {
                "description": f"A token for {LIFETIME_SECONDS // 60} minutes",
                "content": {"application/json": {"schema": token}},
            },
            "400": {"description": refused, "content": {"application/json": {"schema": token_error}}},
            **_responses([answers.UNAUTHENTICATED, answers.FORBIDDEN]),
            str(unavailable["statusCode"]): {
                "description": "something of ours failed, or the gateway let no more requests through",
                "headers": {"Retry-After": _header(unavailable["headers"]["Retry-After"], always=True)},
                "content": {"application/json": {"schema": {"anyOf": [token_error, error]}}},
            },
        },
    }
