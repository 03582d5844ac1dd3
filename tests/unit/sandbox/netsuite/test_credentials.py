"""Keys, certificates, and the integration file."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from isthmus_sandbox.netsuite.auth.credentials import (
    BadIntegration,
    PrivateKey,
    _certificate_pem,
    load_integration,
    make_credentials,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def with_key(folder: Path, key: PrivateKey) -> Path:
    """Make an integration whose certificate is of this key."""
    file = make_credentials(folder, algorithm="ES256", now=NOW)
    (folder / "certificate.pem").write_bytes(_certificate_pem(key, now=NOW))
    return file


class TestCredentials:
    def test_are_readable_by_their_owner_alone(self, tmp_path: Path) -> None:
        make_credentials(tmp_path, algorithm="ES256", now=NOW)

        assert stat.S_IMODE((tmp_path / "private-key.pem").stat().st_mode) == 0o600

    def test_are_never_overwritten(self, tmp_path: Path) -> None:
        make_credentials(tmp_path, algorithm="ES256", now=NOW)

        with pytest.raises(FileExistsError):
            make_credentials(tmp_path, algorithm="ES256", now=NOW)

    def test_are_taken_for_two_years(self, tmp_path: Path) -> None:
        file = make_credentials(tmp_path, algorithm="ES256", now=NOW)

        [certificate] = load_integration(file).certificates.values()

        assert certificate.not_before <= NOW
        assert certificate.not_after - certificate.not_before == timedelta(days=730)


class TestIntegration:
    def test_refuses_an_rsa_key_of_2048_bits(self, tmp_path: Path) -> None:
        file = with_key(tmp_path, rsa.generate_private_key(public_exponent=65537, key_size=2048))

        with pytest.raises(BadIntegration, match="2048 bits"):
            load_integration(file)

    def test_refuses_another_curve(self, tmp_path: Path) -> None:
        file = with_key(tmp_path, ec.generate_private_key(ec.SECP256K1()))

        with pytest.raises(BadIntegration, match="secp256k1"):
            load_integration(file)

    @pytest.mark.parametrize(
        "text", ["", "client_id: x", "client_id: x\ncertificates: []", "a: [", "client_id: 5"]
    )
    def test_refuses_a_file_that_is_none(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "integration.yaml"
        file.write_text(text)

        with pytest.raises(BadIntegration, match=r"integration\.yaml"):
            load_integration(file)

    def test_refuses_a_certificate_that_is_not_there(self, tmp_path: Path) -> None:
        file = make_credentials(tmp_path, algorithm="ES256", now=NOW)
        (tmp_path / "certificate.pem").unlink()

        with pytest.raises(BadIntegration, match=r"certificate\.pem"):
            load_integration(file)

    def test_says_how_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(BadIntegration, match="isthmus-sandbox credentials"):
            load_integration(tmp_path / "none.yaml")
