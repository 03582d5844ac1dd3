"""The two simulated ends, by their control interfaces: set the scene, and read what is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from isthmus.cli.demo.evidence import Booked, Call, Order
from isthmus.cli.demo.expected import CASH_SALE, SALES_ORDER

PAGE: Final = 5000
TIMEOUT_S: Final = 20.0

Rules = Sequence[Mapping[str, object]]


class End:
    """What both ends have."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.address = f"http://127.0.0.1:{port}"
        # No proxy: it is this machine.
        self._http = httpx.Client(base_url=self.address, timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def inject(self, rules: Rules) -> None:
        """Put faults in force."""
        self._post("/_control/faults", rules)

    def calls(self) -> list[Call]:
        """Return every request of the journal but what the control interface did itself."""
        return [
            Call(
                end=self.name,
                time=datetime.fromisoformat(entry["time"]),
                operation=entry["operation"],
                key=entry["key"],
                status=entry["status"],
                effect=entry["effect"],
                fault=entry["fault"],
            )
            for entry in self._pages("/_control/journal", "seq")
            if not entry["operation"].startswith("control.")
        ]

    def _post(self, path: str, body: object) -> Any:
        answer = self._http.post(path, json=body)
        answer.raise_for_status()
        return answer.json()

    def _pages(self, path: str, number: str, **asked: str) -> Iterator[dict[str, Any]]:
        after = 0
        while True:
            answer = self._http.get(path, params={"after": after, "limit": PAGE, **asked})
            answer.raise_for_status()
            page = answer.json()
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1][number]


class Amazon(End):
    """The simulated Amazon."""

    def accounts(self) -> list[dict[str, Any]]:
        """Return the sellers with their credentials."""
        accounts: list[dict[str, Any]] = self._http.get("/_control/accounts").json()
        return accounts

    def place(self, spec: Mapping[str, object]) -> None:
        """Let buyers place orders."""
        self._post("/_control/orders", spec)

    def act(self, order: Order, action: str) -> None:
        """Let something happen to an order."""
        self._post(f"/_control/orders/{order.order_id}", {"action": action})

    def orders(self) -> list[Order]:
        """Return every order as it is now."""
        return [
            Order(
                account=entry["account"],
                order_id=entry["order_id"],
                kind=entry["kind"],
                status=entry["status"],
                fulfilled_by=entry["fulfilled_by"] or "",
                updated=_to_the_millisecond(datetime.fromisoformat(entry["updated"])),
            )
            for entry in self._pages("/_control/orders", "serial")
        ]


class NetSuite(End):
    """The simulated NetSuite."""

    def add_items(self, skus: Sequence[str]) -> dict[str, str]:
        """Create items, as somebody in the warehouse would; return their internal ids."""
        items = [{"itemId": sku} for sku in skus]
        made = self._post("/_control/records/inventoryItem", items)
        return {item["name"]: item["id"] for item in made}

    def booked(self) -> list[Booked]:
        """Return the transactions that stem from orders."""
        return [
            Booked(
                type=entry["type"],
                external_id=entry["external_id"] or "",
                creations=entry["creations"],
            )
            for record_type in (SALES_ORDER, CASH_SALE)
            for entry in self._pages("/_control/records", "seq", type=record_type)
        ]


def _to_the_millisecond(moment: datetime) -> datetime:
    """Cut off what topics do not keep."""
    utc = moment.astimezone(UTC)
    return utc - timedelta(microseconds=utc.microsecond % 1000)
