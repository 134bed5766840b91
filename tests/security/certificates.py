"""Throw-away certificate authorities and what they sign, as RFC 5280 wants it: Python checks that from 3.13 on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "127.0.0.1"
_SIGNS_CERTIFICATES: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A certificate and its key, in one PEM file."""

    pem: Path


class Authority:
    """A certificate authority that lives as long as a test."""

    def __init__(self, folder: Path, name: str, *, names_keys: bool = True) -> None:
        """Found one; where it names no keys, what it signs is not as RFC 5280 wants it."""
        self._folder = folder
        self._names_keys = names_keys
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            self._builder(self._name, self._key.public_key(), days=1)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_SIGNS_CERTIFICATES, critical=True)
        )
        self.certificate = folder / f"{name}.pem"
        self.certificate.write_bytes(_pem(certificate.sign(self._key, hashes.SHA256())))

    def server(self) -> Credentials:
        """Sign a certificate for a server on this machine."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        address = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
        return self._sign("server", name, address, ExtendedKeyUsageOID.SERVER_AUTH, days=1)

    def client(self, file: str, subject: str, days: float = 30) -> Credentials:
        """Sign a client's certificate for a subject, such as ``CN=d1,O=Thales``; in negative days it has expired."""
        usage = ExtendedKeyUsageOID.CLIENT_AUTH
        return self._sign(file, x509.Name.from_rfc4514_string(subject), None, usage, days)

    def _sign(
        self,
        file: str,
        subject: x509.Name,
        names: x509.SubjectAlternativeName | None,
        usage: x509.ObjectIdentifier,
        days: float,
    ) -> Credentials:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(subject, key.public_key(), days)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        path = self._folder / f"{file}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(_pem(builder.sign(self._key, hashes.SHA256())) + secret)
        return Credentials(path)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: float) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days))
        )
        if not self._names_keys:
            return builder
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False).add_extension(
            issuer, critical=False
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
