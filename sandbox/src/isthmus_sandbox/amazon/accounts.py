"""The seller accounts, their credentials, roles and usage plans."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from isthmus_sandbox.amazon.marketplaces import MARKETPLACES
from isthmus_sandbox.amazon.quota import DEFAULT_PLANS, UsagePlan


@dataclass(slots=True)
class Account:
    """A seller who authorized one application. The control API may change the last five fields."""

    name: str
    seller_id: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    marketplace_ids: Sequence[str]
    revoked: bool = False
    restricted_role: bool = True
    """Direct-to-Consumer Shipping (Restricted): without it buyers have neither name nor street."""
    plans: dict[str, UsagePlan] = field(default_factory=lambda: dict(DEFAULT_PLANS))


class Accounts:
    """All accounts, found by name, by application or by refresh token."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_name: dict[str, Account] = {}
        for account in accounts:
            self.add(account)

    def add(self, account: Account) -> None:
        """Open a further account.

        :raises ValueError: when there is one of this name.
        """
        if account.name in self._by_name:
            raise ValueError(f"There are two accounts named {account.name!r}.")
        self._by_name[account.name] = account

    def all(self) -> list[Account]:
        """Return the accounts in the order they were opened."""
        return list(self._by_name.values())

    def named(self, name: str) -> Account | None:
        """Return the account of this name, if there is one."""
        return self._by_name.get(name)

    def is_application(self, client_id: str, client_secret: str) -> bool:
        """Return whether these are the credentials of an application that an account uses."""
        return any((a.client_id, a.client_secret) == (client_id, client_secret) for a in self.all())

    def authorized(self, *, client_id: str, refresh_token: str) -> Account | None:
        """Return the account that gave this application this token and did not take it back."""
        for account in self.all():
            granted = (account.client_id, account.refresh_token)
            if granted == (client_id, refresh_token) and not account.revoked:
                return account
        return None


def derived_account(name: str, *, seed: int, marketplace_ids: Sequence[str] = ()) -> Account:
    """Return an account whose credentials follow from its name and the seed."""

    def secret(purpose: str) -> str:
        return hashlib.sha256(f"{seed}/{name}/{purpose}".encode()).hexdigest()

    return Account(
        name=name,
        seller_id="A" + secret("seller")[:13].upper(),
        client_id=f"amzn1.application-oa2-client.{secret('client')[:32]}",
        client_secret=f"amzn1.oa2-cs.v1.{secret('secret')}",
        refresh_token=f"Atzr|{secret('refresh')}",
        marketplace_ids=list(marketplace_ids) or [m.marketplace_id for m in MARKETPLACES],
    )
