"""Judges the signed JWT by which an integration asks for a token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from isthmus_sandbox.netsuite.auth.credentials import Certificate, Integration

ALGORITHMS: Final = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SCOPE: Final = "rest_webservices"
SCOPES: Final = frozenset({SCOPE, "restlets", "suite_analytics"})
LIFE_MAX: Final = timedelta(minutes=60)
_SKEW_S: Final = 30


class AssertionRefused(Exception):
    """The assertion breaks a rule. NetSuite tells it in its login audit trail alone."""


def verify_assertion(
    assertion: str, *, integration: Integration, token_url: str, now: datetime
) -> None:
    """Check algorithm, certificate, signature and claims of an assertion.

    :raises AssertionRefused: with the first rule that is broken.
    """
    header = _header(assertion)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise AssertionRefused(f"alg {algorithm}: NetSuite takes {', '.join(ALGORITHMS)}.")
    if header.get("typ") != "JWT":
        raise AssertionRefused("typ is not JWT.")
    certificate = _certificate(header, integration, now)
    claims = _claims(assertion, str(algorithm), certificate)
    _check_claims(claims, integration=integration, token_url=token_url)
    _check_times(claims, now=now)


def _header(assertion: str) -> dict[str, Any]:
    try:
        return dict(jws.extract_compact(assertion.encode()).headers())
    except (JoseError, ValueError) as error:
        raise AssertionRefused("The assertion is no JWT.") from error


def _certificate(header: dict[str, Any], integration: Integration, now: datetime) -> Certificate:
    certificate = integration.certificates.get(str(header.get("kid")))
    if certificate is None:
        raise AssertionRefused("kid is no certificate id of this integration.")
    if not certificate.not_before <= now < certificate.not_after:
        raise AssertionRefused("The certificate is not valid now.")
    return certificate


def _claims(assertion: str, algorithm: str, certificate: Certificate) -> dict[str, Any]:
    kind = RSAKey if algorithm.startswith("PS") else ECKey
    try:
        key = kind.import_key(certificate.public_key_pem)
        return dict(jwt.decode(assertion, key, algorithms=[algorithm]).claims)
    except (JoseError, ValueError) as error:
        raise AssertionRefused("The signature is not of the certificate's key.") from error


def _check_claims(claims: dict[str, Any], *, integration: Integration, token_url: str) -> None:
    if claims.get("iss") != integration.client_id:
        raise AssertionRefused("iss is not the client id.")
    if claims.get("aud") not in (token_url, [token_url]):
        raise AssertionRefused(f"aud is not the token endpoint {token_url}.")
    scopes = _scopes(claims.get("scope"))
    if SCOPE not in scopes or not scopes <= SCOPES:
        raise AssertionRefused(f"scope must have {SCOPE}, and nothing beyond {sorted(SCOPES)}.")


def _scopes(scope: object) -> set[str]:
    if isinstance(scope, str):
        return {part.strip() for part in scope.split(",")}
    return {str(part) for part in scope} if isinstance(scope, list) else set()


def _check_times(claims: dict[str, Any], *, now: datetime) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise AssertionRefused("iat or exp is missing.")
    if expires - issued >= LIFE_MAX.total_seconds():
        raise AssertionRefused("exp is 60 minutes or more behind iat.")
    present = now.astimezone(UTC).timestamp()
    if issued > present + _SKEW_S:
        raise AssertionRefused("iat is in the future.")
    if expires <= present:
        raise AssertionRefused("The assertion has expired.")
