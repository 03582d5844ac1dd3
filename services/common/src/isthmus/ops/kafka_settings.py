"""How to reach Kafka and the schema registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, Self

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.environment import Settings

ADDRESSES: Final = r"[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*"
URL_OR_NOTHING: Final = r"^(https?://[^\s@]+)?$"


class KafkaSettings(Settings):
    """How to reach Kafka and the schema registry, and the time-outs agreed with them."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_KAFKA_")

    bootstrap_servers: str = Field(
        pattern=f"^{ADDRESSES}$", description="the brokers, as host:port[,host:port]"
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="how to talk to the brokers"
    )
    ssl_ca_path: FilePath | None = Field(
        default=None, description="the file of certificates to trust, PEM"
    )
    ssl_certificate_path: FilePath | None = Field(
        default=None, description="the file of our own certificate, PEM"
    )
    ssl_key_path: FilePath | None = Field(default=None, description="the file of our key, PEM")
    ssl_key_password: SecretStr | None = Field(default=None, description="the password of our key")
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        default=None, description="how to log in"
    )
    sasl_username: str | None = Field(default=None, description="the user to log in as")
    sasl_password: SecretStr | None = Field(default=None, description="the password to log in with")
    group_protocol: Literal["classic", "consumer"] = Field(
        default="classic",
        description="classic (static members, back in a second) or consumer (KIP-848)",
    )
    session_timeout_s: float = Field(
        default=15, gt=0, le=1800, description="the seconds after which a silent worker is missed"
    )
    max_poll_interval_s: float = Field(
        default=300, gt=0, le=86400, description="the longest time between two polls, in seconds"
    )
    transaction_timeout_s: float = Field(
        default=30, gt=0, le=900, description="the seconds after which brokers abort a transaction"
    )
    call_timeout_s: float = Field(
        default=30, gt=0, le=900, description="the seconds that one call to Kafka may take"
    )
    message_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1024, description="the size of the largest record, in bytes"
    )
    fetch_queue_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1024, description="the bytes that a consumer fetches ahead"
    )
    registry_url: str = Field(
        default="",
        pattern=URL_OR_NOTHING,
        description="the schema registry; empty = single-object encoding, no registry",
    )
    registry_username: str | None = Field(default=None, description="the user at the registry")
    registry_password: SecretStr | None = Field(
        default=None, description="the password at the registry"
    )
    registry_timeout_s: float = Field(
        default=10, gt=0, le=300, description="the seconds that one call to the registry may take"
    )

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if problems := list(self._contradictions()):
            raise ConfigurationError(problems)
        return self

    def _contradictions(self) -> Iterator[Problem]:
        yield from self._missing_login()
        if (self.ssl_key_path is None) != (self.ssl_certificate_path is None):
            yield Problem(
                "ISTHMUS_KAFKA_SSL_KEY_PATH",
                "key and certificate belong together, one of them is not set",
                "set ISTHMUS_KAFKA_SSL_CERTIFICATE_PATH as well, or neither",
            )
        if self.session_timeout_s >= self.max_poll_interval_s:
            yield Problem(
                "ISTHMUS_KAFKA_SESSION_TIMEOUT_S",
                f"{self.session_timeout_s:g} s is not below the longest time between two polls"
                f" (ISTHMUS_KAFKA_MAX_POLL_INTERVAL_S, {self.max_poll_interval_s:g} s)",
                "shorten the session or lengthen the poll interval",
            )

    def _missing_login(self) -> Iterator[Problem]:
        if not self.security_protocol.startswith("SASL_"):
            return
        for name in ("sasl_mechanism", "sasl_username", "sasl_password"):
            if getattr(self, name) is None:
                what = f"is not set, but ISTHMUS_KAFKA_SECURITY_PROTOCOL={self.security_protocol}"
                yield Problem(
                    f"ISTHMUS_KAFKA_{name.upper()}", what + " needs it", "set it (or its _FILE)"
                )


class LocalKafkaSettings(Settings):
    """Which Kafka the tools start for tests and the demo; services never ask."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_KAFKA_")

    mode: str = Field(
        default="embedded",
        pattern=f"^(embedded|container|{ADDRESSES})$",
        description="embedded, container, or host:port[,host:port] of a Kafka that runs",
    )
