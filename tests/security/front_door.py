"""A front door as API Gateway's with mutual TLS: it checks the client's certificate and tells the function of it.

The embedded AWS has no mutual TLS. This stands in for it, before the very functions that are deployed there.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from uuid import uuid4

import boto3
from cryptography import x509

from local.deployment import STACK, Deployment
from tests.security.certificates import HOST, Credentials

TOKEN_PATH: Final = "/authz/d1/v1/oauth2/token"


@contextmanager
def front_door(deployment: Deployment, server: Credentials, truststore: Path) -> Iterator[int]:
    """Open it on a free port until the block ends; nobody is let in whom the truststore does not vouch for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(server.pem)
    context.load_verify_locations(truststore)
    context.verify_mode = ssl.CERT_REQUIRED

    cloudformation = boto3.client("cloudformation", **deployment.engine.access)
    issue_token = ""
    # A stack that takes a provider's tokens issues none.
    if "TokenUrl" in deployment.outputs:
        found = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="IssueTokenFunction")
        issue_token = found["StackResourceDetail"]["PhysicalResourceId"]

    class Door(_Door):
        functions = boto3.client("lambda", **deployment.engine.access)
        issue_token_name = issue_token
        receive_name = deployment.outputs["ReceiveNotificationFunctionName"]

    with ThreadingHTTPServer((HOST, 0), Door) as listener:
        # The handshake is the thread's, so that a stranger who ends it holds up nobody.
        listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
        Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield listener.server_port
        finally:
            listener.shutdown()


class _Door(BaseHTTPRequestHandler):
    """One connection: hands requests to the functions in the form of API Gateway's events."""

    functions: Any
    issue_token_name: str
    receive_name: str

    def handle(self) -> None:
        """Let nobody in whose handshake fails."""
        try:
            self.request.do_handshake()
            super().handle()
        except OSError:
            self.close_connection = True

    def do_POST(self) -> None:
        """Pass a request on, and its answer back."""
        is_token = self.path == TOKEN_PATH
        event = {
            "httpMethod": "POST",
            "path": self.path,
            "headers": dict(self.headers.items()),
            "pathParameters": None if is_token else {"issuerId": self.path.split("/")[5]},
            "requestContext": {"requestId": str(uuid4()), "identity": {"clientCert": self._client_certificate()}},
            "body": self.rfile.read(int(self.headers["Content-Length"])).decode(),
            "isBase64Encoded": False,
        }
        name = self.issue_token_name if is_token else self.receive_name
        invoked = self.functions.invoke(FunctionName=f"{name}:live", Payload=json.dumps(event))
        answer = json.loads(invoked["Payload"].read())
        self.send_response(answer["statusCode"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer["body"].encode())

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def _client_certificate(self) -> dict[str, Any]:
        """Tell of the certificate as API Gateway does."""
        certificate = x509.load_der_x509_certificate(self.request.getpeercert(binary_form=True))
        told = self.request.getpeercert()
        return {
            "clientCertPem": ssl.DER_cert_to_PEM_cert(self.request.getpeercert(binary_form=True)),
            "subjectDN": certificate.subject.rfc4514_string(),
            "issuerDN": certificate.issuer.rfc4514_string(),
            "serialNumber": format(certificate.serial_number, "x"),
            "validity": {"notBefore": told["notBefore"], "notAfter": told["notAfter"]},
        }
