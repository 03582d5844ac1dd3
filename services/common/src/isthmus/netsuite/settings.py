"""The settings of the connection to NetSuite."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, FilePath, SecretStr
from pydantic_settings import SettingsConfigDict

from isthmus.netsuite.credential import private_key
from isthmus.ops.environment import Settings

MIB: Final = 1024 * 1024


def _usable(pem: SecretStr) -> SecretStr:
    private_key(pem.get_secret_value())
    return pem


class NetSuiteSettings(Settings):
    """One NetSuite account, the integration's credential, and the bounds of each request."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_NETSUITE_")

    base_url: str = Field(
        pattern=r"^https?://[^/\s]+$",
        description="the account's address, as https://1234567.suitetalk.api.netsuite.com",
    )
    client_id: str = Field(min_length=1, description="the integration's client id")
    certificate_id: str = Field(
        min_length=1, description="the certificate id of the OAuth 2.0 client credentials set-up"
    )
    private_key: Annotated[SecretStr, AfterValidator(_usable)] = Field(
        description="the certificate's private key in PEM: EC P-256, or RSA of 3072 or 4096 bits"
    )
    proxy_url: str = Field(
        default="", pattern=r"^(https?://\S+)?$", description="the proxy to NetSuite; empty = none"
    )
    ca_file: FilePath | None = Field(
        default=None, description="the authorities to trust; default: the common public ones"
    )
    concurrency: int = Field(
        default=4,
        ge=1,
        le=200,
        description="the requests of this process at once; all processes and other integrations"
        " share the account's limit",
    )
    connect_timeout_s: float = Field(
        default=10, gt=0, description="the seconds to have a connection; not scaled"
    )
    answer_timeout_s: float = Field(
        default=120, gt=0, description="the seconds to have a whole answer; not scaled"
    )
    answer_bytes: int = Field(
        default=32 * MIB, ge=64 * 1024, description="the size of the largest answer"
    )
    login_pause_s: float = Field(
        default=60, gt=0, description="the seconds without requests after a refused credential"
    )
    token_pause_s: float = Field(
        default=1, gt=0, description="the seconds between tries of a failing token endpoint"
    )
