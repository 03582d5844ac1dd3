"""The signed assertion and its key."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from isthmus.netsuite.credential import Credential, private_key
from tests.unit.common.netsuite.parts import a_pem

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)


def pem_of(key: ECKey | RSAKey | OKPKey, *, private: bool = True) -> str:
    return key.as_pem(private=private).decode()


class TestAssertion:
    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [(ECKey.generate_key("P-256"), "ES256"), (RSAKey.generate_key(3072), "PS256")],
        ids=["ES256", "PS256"],
    )
    def test_is_what_netsuite_asks_for(self, key: ECKey | RSAKey, algorithm: str) -> None:
        credential = Credential("client", "certificate", private_key(pem_of(key)))

        text = credential.assertion(token_url="https://host/token", now=NOW)

        header = jws.extract_compact(text.encode()).headers()
        claims = jwt.decode(text, key, algorithms=[algorithm]).claims
        issued = int(NOW.timestamp())
        assert header == {"typ": "JWT", "alg": algorithm, "kid": "certificate"}
        assert claims == {
            "iss": "client",
            "scope": "rest_webservices",
            "aud": "https://host/token",
            "iat": issued,
            "exp": issued + 3540,
        }

    def test_never_shows_the_key(self) -> None:
        assert "key" not in repr(Credential("client", "certificate", private_key(a_pem())))


class TestPrivateKey:
    @pytest.mark.parametrize(
        ("pem", "complaint"),
        [
            ("nonsense", "no private key in PEM"),
            (pem_of(RSAKey.generate_key(2048)), "RSA key of 2048 bits"),
            (pem_of(ECKey.generate_key("P-384")), "curve P-384"),
            (pem_of(ECKey.generate_key("P-256"), private=False), "public key"),
            (pem_of(OKPKey.generate_key("Ed25519")), "no private key in PEM"),
        ],
        ids=["no key", "RSA 2048", "P-384", "public", "Ed25519"],
    )
    def test_refuses_what_netsuite_would_refuse(self, pem: str, complaint: str) -> None:
        with pytest.raises(ValueError, match=complaint) as refused:
            private_key(pem)

        assert pem not in str(refused.value)
