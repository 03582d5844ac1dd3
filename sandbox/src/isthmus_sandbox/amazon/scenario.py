"""The scenario file: which sellers there are, and which orders there are at the start."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from isthmus_sandbox.amazon.accounts import Account, Accounts, derived_account
from isthmus_sandbox.amazon.examples import EXAMPLES_ACCOUNT
from isthmus_sandbox.amazon.generator import GenerationSpec
from isthmus_sandbox.amazon.marketplaces import BY_CODE
from isthmus_sandbox.amazon.quota import DEFAULT_PLANS, UsagePlan

Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


class ScenarioRefused(Exception):
    """The scenario file says something that cannot be."""


class _Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rate: float = Field(gt=0)
    burst: int = Field(ge=1)


class _Seller(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    client_id: str | None = None
    client_secret: str | None = None
    refresh_token: str | None = None
    marketplaces: list[str] = Field(default=list(BY_CODE), min_length=1)
    restricted_role: bool = True
    plans: dict[str, _Plan] = {}

    def account(self, *, seed: int) -> Account:
        ids = [
            BY_CODE[_known(code, BY_CODE, "marketplace")].marketplace_id
            for code in self.marketplaces
        ]
        account = derived_account(self.name, seed=seed, marketplace_ids=ids)
        account.client_id = self.client_id or account.client_id
        account.client_secret = self.client_secret or account.client_secret
        account.refresh_token = self.refresh_token or account.refresh_token
        account.restricted_role = self.restricted_role
        for operation, plan in self.plans.items():
            _known(operation, DEFAULT_PLANS, "operation")
            account.plans[operation] = UsagePlan(rate=plan.rate, burst=plan.burst)
        return account


class Scenario(BaseModel):
    """What the file holds."""

    model_config = ConfigDict(extra="forbid")

    accounts: list[_Seller] = Field(min_length=1)
    orders: list[GenerationSpec] = []

    @model_validator(mode="after")
    def _names_its_accounts(self) -> Self:
        names = [seller.name for seller in self.accounts]
        if EXAMPLES_ACCOUNT in names:
            raise ValueError(f"The name {EXAMPLES_ACCOUNT!r} is kept for Amazon's own examples.")
        for spec in self.orders:
            if spec.account is not None:
                _known(spec.account, names, "account")
        return self

    def opened(self, *, seed: int) -> Accounts:
        """Return the accounts; credentials that the file leaves out follow from the seed.

        :raises ScenarioRefused: when the file names what does not exist, or a name twice.
        """
        try:
            return Accounts(seller.account(seed=seed) for seller in self.accounts)
        except ValueError as error:
            raise ScenarioRefused(str(error)) from error


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    :raises ScenarioRefused: saying the file, the place in it and what is wrong there.
    """
    try:
        return Scenario.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ScenarioRefused(f"Scenario {path}: {error}") from error


def plain_scenario(count: int) -> Scenario:
    """Return a scenario of sellers `seller-1`, `seller-2` .. on every marketplace, no orders."""
    return Scenario(accounts=[_Seller(name=f"seller-{n}") for n in range(1, count + 1)])


def _known(name: str, names: Collection[str], what: str) -> str:
    if name not in names:
        raise ValueError(f"There is no {what} {name!r}. There are: {', '.join(names)}.")
    return name
