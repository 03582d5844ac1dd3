"""The credential of OAuth 2.0 client credentials: a certificate's key signs short assertions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

Algorithm = Literal["ES256", "PS256"]

SCOPE: Final = "rest_webservices"
# NetSuite refuses an hour or more.
ASSERTION_LIFE_S: Final = 3540
RSA_BITS_MIN: Final = 3072
CURVE: Final = "P-256"


@dataclass(frozen=True, slots=True)
class Credential:
    """One integration, role and user in one NetSuite account.

    :param client_id: the integration's client id.
    :param certificate_id: the id NetSuite gave the uploaded certificate.
    :param key: the private key of that certificate; its kind decides the algorithm.
    """

    client_id: str
    certificate_id: str
    key: ECKey | RSAKey = field(repr=False)

    def assertion(self, *, token_url: str, now: datetime) -> str:
        """Sign a fresh assertion for the token endpoint."""
        issued = int(now.timestamp())
        return jwt.encode(
            {"typ": "JWT", "alg": self.algorithm, "kid": self.certificate_id},
            {
                "iss": self.client_id,
                "scope": SCOPE,
                "aud": token_url,
                "iat": issued,
                "exp": issued + ASSERTION_LIFE_S,
            },
            self.key,
            algorithms=[self.algorithm],
        )

    @property
    def algorithm(self) -> Algorithm:
        """Return the signature algorithm that fits the key."""
        return "ES256" if isinstance(self.key, ECKey) else "PS256"


def private_key(pem: str) -> ECKey | RSAKey:
    """Read the private key of a certificate.

    :raises ValueError: NetSuite would refuse it; the message never shows it.
    """
    kind = _kind(pem)
    if not kind.is_private:
        raise ValueError("is a public key; the private key of the certificate is needed")
    if isinstance(kind, ECKey):
        if kind.curve_name != CURVE:
            raise ValueError(f"is on the curve {kind.curve_name}; {CURVE} is needed")
    elif (bits := kind.raw_value.key_size) < RSA_BITS_MIN:
        raise ValueError(f"is an RSA key of {bits} bits; NetSuite asks for {RSA_BITS_MIN} or 4096")
    return kind


def _kind(pem: str) -> ECKey | RSAKey:
    for kind in (ECKey, RSAKey):
        try:
            return kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("is no private key in PEM form")
