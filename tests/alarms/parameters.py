"""The parameters of the stack that is rehearsed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tests.proof.product import ISSUER_ID

SUBJECT: Final = "CN=d1,O=Thales DIS,C=FR"
PARAMETERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "IssuerId": ISSUER_ID,
        "DomainName": "d1.bank.example",
        "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/domain",
        "TruststoreBucket": "bank-truststores",
        "TruststoreKey": "d1.pem",
        "TruststoreVersion": "1",
        "ClientCertificateSubject": SUBJECT,
        "Reconcile": "true",
        "D1ApiUrl": "https://api.d1.example",
        "D1SigningKeyId": "bank-2026",
        "D1CredentialsArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:d1-Ab12Cd",
        "OverdueAlerts": "true",
    }
)
"""A stack that has everything optional, and so every alarm."""
