"""A simulated Amazon and its caller, for tests that speak raw HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from isthmus_sandbox.amazon.orders import moment
from isthmus_sandbox.amazon.query import SECTIONS
from isthmus_sandbox.clock import Clock

ORDERS = "/orders/2026-01-01/orders"
ALL = ",".join(sorted(SECTIONS))
Json = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class SimulatedAmazon:
    """Calls it as a client would, and its control API as a test would."""

    http: httpx.Client
    clock: Clock

    def account(self, name: str = "acme") -> Json:
        """Return the credentials of an account."""
        accounts: list[Json] = self.http.get("/_control/accounts").json()
        return next(account for account in accounts if account["name"] == name)

    def grant(self, *, to: str = "acme", **form: str | None) -> httpx.Response:
        """Ask for an account's token; an argument changes a field of the form, None drops it."""
        account = self.account(to)
        whole = {
            "grant_type": "refresh_token",
            **{name: account[name] for name in ("refresh_token", "client_id", "client_secret")},
            **form,
        }
        data = {name: value for name, value in whole.items() if value is not None}
        return self.http.post("/auth/o2/token", data=data)

    def token(self, account: str = "acme") -> str:
        """Return an access token of an account."""
        answer = self.grant(to=account)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def place(self, **spec: object) -> list[Json]:
        """Place orders; old enough to be shown, unless the spec says otherwise."""
        answer = self.http.post("/_control/orders", json={"count": 1, "age_s": 600, **spec})
        assert answer.status_code == 200, answer.text
        placed: list[Json] = answer.json()
        return placed

    def change(self, order_id: str, action: str) -> httpx.Response:
        """Let something happen to an order."""
        return self.http.post(f"/_control/orders/{order_id}", json={"action": action})

    def search(
        self, *, token: str | None = None, account: str = "acme", **params: str | int | None
    ) -> httpx.Response:
        """Call searchOrders over the last day; an argument changes a parameter, None drops it."""
        day_ago = moment(self.clock.now() - timedelta(days=1))
        whole: Mapping[str, str | int | None] = {"lastUpdatedAfter": day_ago, **params}
        query = {name: value for name, value in whole.items() if value is not None}
        return self.get(ORDERS, token=token or self.token(account), params=query)

    def found(self, **params: Any) -> list[Json]:
        """Return the orders of a search of one page."""
        answer = self.search(**params)
        assert answer.status_code == 200, answer.text
        orders: list[Json] = answer.json()["orders"]
        return orders

    def order(
        self, order_id: str, *, token: str | None = None, account: str = "acme", **params: str
    ) -> httpx.Response:
        """Call getOrder."""
        path = f"{ORDERS}/{order_id}"
        return self.get(path, token=token or self.token(account), params=params)

    def get(
        self, path: str, *, token: str | None, params: Mapping[str, str | int] | None = None
    ) -> httpx.Response:
        """Call any path with a token, or with none."""
        headers = {} if token is None else {"x-amz-access-token": token}
        return self.http.get(path, params=params, headers=headers)

    def strike(self, *rules: Json) -> None:
        """Put faults in force."""
        answer = self.http.post("/_control/faults", json=list(rules))
        assert answer.status_code == 200, answer.text

    def journal(self, operation: str) -> list[Json]:
        """Return the entries of an operation."""
        entries: list[Json] = self.http.get("/_control/journal?limit=10000").json()
        return [entry for entry in entries if entry["operation"] == operation]


def error_of(answer: httpx.Response) -> tuple[int, str, str]:
    """Return the status, the code and what is said of the only error."""
    (error,) = answer.json()["errors"]
    return answer.status_code, error["code"], error["details"] or error["message"]
