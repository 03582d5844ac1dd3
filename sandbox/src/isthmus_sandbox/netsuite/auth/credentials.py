"""The integration of a local run: a key pair, its certificate, and the file that names them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Algorithm = Literal["ES256", "PS256"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
CERTIFICATES_MAX: Final = 5
LIFE_MAX: Final = timedelta(days=730)
_RSA_BITS: Final = (3072, 4096)
_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
_MAKE: Final[Mapping[Algorithm, Callable[[], PrivateKey]]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "PS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=3072),
}


class BadIntegration(ValueError):
    """The integration file, or a certificate it names, cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """An uploaded certificate: its public key, and until when it is taken."""

    public_key_pem: bytes
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A client that may log in, with its certificates by certificate id."""

    client_id: str
    certificates: Mapping[str, Certificate]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _CertificateEntry(_Strict):
    id: str = Field(min_length=1)
    path: Path


class _IntegrationFile(_Strict):
    client_id: str = Field(min_length=1)
    certificates: list[_CertificateEntry] = Field(min_length=1, max_length=CERTIFICATES_MAX)


def load_integration(path: Path) -> Integration:
    """Read an integration file; certificate paths are relative to it.

    :raises BadIntegration: when the file or a certificate is missing or breaks a rule.
    """
    try:
        parsed = _IntegrationFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BadIntegration(
            f"{path}: {error}. Make one with: isthmus-sandbox credentials FOLDER"
        ) from error
    certificates = {
        entry.id: _load_certificate(path.parent / entry.path) for entry in parsed.certificates
    }
    return Integration(client_id=parsed.client_id, certificates=certificates)


def make_credentials(folder: Path, *, algorithm: Algorithm, now: datetime) -> Path:
    """Write private-key.pem, certificate.pem and integration.yaml; return the last one's path.

    :raises FileExistsError: when one of them is there: a key is never overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = _MAKE[algorithm]()
    client_id, certificate_id = secrets.token_hex(32), secrets.token_urlsafe(32)
    _write_new(folder / "private-key.pem", _private_pem(key), mode=0o600)
    _write_new(folder / "certificate.pem", _certificate_pem(key, now=now), mode=0o644)
    entry = {"id": certificate_id, "path": "certificate.pem"}
    content = yaml.safe_dump({"client_id": client_id, "certificates": [entry]}, sort_keys=False)
    target = folder / "integration.yaml"
    _write_new(target, content.encode(), mode=0o644)
    return target


def _load_certificate(path: Path) -> Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadIntegration(f"{path}: no readable X.509 certificate in PEM ({error}).") from error
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size not in _RSA_BITS:
        raise BadIntegration(
            f"{path}: an RSA key of {key.key_size} bits; NetSuite takes {_RSA_BITS} alone."
        )
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in _CURVES:
        raise BadIntegration(f"{path}: curve {key.curve.name}; NetSuite takes {_CURVES} alone.")
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise BadIntegration(f"{path}: neither an RSA nor an EC key.")
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    start = certificate.not_valid_before_utc
    # A certificate made for longer is taken, and silently ends after two years all the same.
    end = min(certificate.not_valid_after_utc, start + LIFE_MAX)
    return Certificate(public_key_pem=pem, not_before=start, not_after=end)


def _private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate_pem(key: PrivateKey, *, now: datetime) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Isthmus sandbox")])
    start = now - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + LIFE_MAX)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
