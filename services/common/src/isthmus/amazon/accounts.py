"""The seller accounts: one YAML file for what may be read by all, variables for the secrets."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import SettingsConfigDict
from sp_api.base import Marketplaces

from isthmus.amazon.grants import Credentials
from isthmus.core.identifiers import ACCOUNT
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.documents import Section, read_document
from isthmus.ops.environment import Settings, load

AccountName = Annotated[str, StringConstraints(pattern=f"^{ACCOUNT.pattern}$")]


class Region(StrEnum):
    """Amazon's regions; each has a host of its own, and an account lives in one."""

    NA = "na"
    EU = "eu"
    FE = "fe"

    @property
    def endpoint(self) -> str:
        """Return the region's address."""
        return f"https://sellingpartnerapi-{self.value}.amazon.com"


class OtherMarketplaces(StrEnum):
    """What becomes of orders in marketplaces that the account does not list."""

    REFUSE = "refuse"
    """They become dead letters: a marketplace that was forgotten here comes to light."""
    IGNORE = "ignore"
    """Amazon is not asked for them: somebody else looks after them."""


class Account(Section):
    """One seller account."""

    region: Region
    marketplaces: tuple[str, ...] = Field(min_length=1, max_length=50)
    other_marketplaces: OtherMarketplaces = OtherMarketplaces.REFUSE
    orders_since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _lives_in_one_region(self) -> Self:
        known = marketplace_regions()
        for marketplace in self.marketplaces:
            if known.get(marketplace) is not self.region:
                there = ", ".join(sorted(i for i, region in known.items() if region is self.region))
                raise ValueError(
                    f"{marketplace} is not a marketplace of region {self.region}; it has {there}"
                )
        return self


class AccountsFile(Section):
    """The file of accounts."""

    accounts: dict[AccountName, Account] = Field(min_length=1)


class _Secrets(Settings):
    client_id: str = Field(min_length=1, description="the application's client id")
    client_secret: SecretStr = Field(min_length=1, description="the application's client secret")
    refresh_token: SecretStr = Field(min_length=1, description="the seller's refresh token")


def read_accounts(path: Path) -> Mapping[str, Account]:
    """Read the file of accounts.

    :raises ConfigurationError: naming file and line of everything that is wrong.
    """
    return read_document(path, AccountsFile).content.accounts


def read_credentials(accounts: Mapping[str, Account]) -> Mapping[str, Credentials]:
    """Read the credentials of the accounts from variables or mounted files.

    The variables of ``acme-us`` begin with ``ISTHMUS_AMAZON_ACME_US_``.

    :raises ConfigurationError: naming every variable that is missing, of all accounts.
    """
    problems: list[Problem] = []
    found: dict[str, Credentials] = {}
    for name in accounts:
        try:
            found[name] = _credentials(name)
        except ConfigurationError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigurationError(problems)
    return found


def marketplace_regions() -> Mapping[str, Region]:
    """Return Amazon's marketplaces by id, and where each is."""
    return {one.marketplace_id: _REGIONS[one.region] for one in Marketplaces}


# The library names regions as AWS does.
_REGIONS: Final = {"us-east-1": Region.NA, "eu-west-1": Region.EU, "us-west-2": Region.FE}


def _credentials(account: str) -> Credentials:
    prefix = f"ISTHMUS_AMAZON_{account.replace('-', '_').upper()}_"

    class OfAccount(_Secrets):
        model_config = SettingsConfigDict(env_prefix=prefix)

    secrets = load(OfAccount)
    return Credentials(
        client_id=secrets.client_id,
        client_secret=secrets.client_secret,
        refresh_token=secrets.refresh_token,
    )
