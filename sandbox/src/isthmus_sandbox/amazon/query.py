"""The parameters of searchOrders and getOrder, and the rules that refuse them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from starlette.datastructures import QueryParams

from isthmus_sandbox.amazon.errors import invalid_input
from isthmus_sandbox.amazon.marketplaces import KNOWN_IDS
from isthmus_sandbox.amazon.orders import Status, moment
from isthmus_sandbox.clock import Clock

TimeField = Literal["created", "lastUpdated"]
SECTIONS: Final = frozenset(
    {
        "BUYER",
        "RECIPIENT",
        "PROCEEDS",
        "EXPENSE",
        "PROMOTION",
        "CANCELLATION",
        "FULFILLMENT",
        "PACKAGES",
        "TAX",
        "PAYMENT",
        "FULFILLMENT_ORDERS",
    }
)
FULFILLERS: Final = frozenset({"MERCHANT", "AMAZON"})
SETTLING_S: Final = 120.0
"""Amazon shows nothing younger than two minutes."""
MARKETPLACES_MAX: Final = 50
PAGE_MAX: Final = 100
ORDER_ID: Final = re.compile(r"\d{3}-\d{7}-\d{7}")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search asks for: all of it has to be sent again with a pagination token."""

    field: TimeField
    after: str
    before: str | None
    marketplace_ids: Sequence[str]
    statuses: Sequence[str]
    fulfilled_by: Sequence[str]
    sections: Sequence[str]
    page_size: int

    def fingerprint(self) -> str:
        """Return a text that is equal for equal filters, whatever the order of their values."""
        return repr(sorted(asdict(self).items()))


def filters_of(params: QueryParams, *, clock: Clock) -> Filters:
    """Read the filters of a searchOrders request.

    :raises Refused: naming the parameter and the rule it breaks.
    """
    _refuse_repeated(params)
    field = _time_field(params)
    after = _time(params, f"{field}After")
    before = _time(params, f"{field}Before") if f"{field}Before" in params else None
    _refuse_window(field, after=after, before=before, clock=clock)
    return Filters(
        field=field,
        after=moment(after),
        before=None if before is None else moment(before),
        marketplace_ids=_marketplaces(params),
        statuses=_values(params, "fulfillmentStatuses", allowed=frozenset(Status)),
        fulfilled_by=_values(params, "fulfilledBy", allowed=FULFILLERS),
        sections=included_data(params),
        page_size=_page_size(params),
    )


def included_data(params: QueryParams) -> Sequence[str]:
    """Read `includedData`.

    :raises Refused: when it names a section that does not exist.
    """
    return _values(params, "includedData", allowed=SECTIONS)


def order_id_of(text: str) -> str:
    """Return the order id of the path.

    :raises Refused: when it is not of the form 3-7-7 digits.
    """
    if ORDER_ID.fullmatch(text) is None:
        raise invalid_input(f"orderId {text!r} is not an Amazon order id.")
    return text


def youngest_shown(clock: Clock) -> datetime:
    """Return the upper bound of a search that sets none."""
    return clock.now() - timedelta(seconds=clock.scaled(SETTLING_S))


def _refuse_repeated(params: QueryParams) -> None:
    for name in set(params):
        if len(params.getlist(name)) > 1:
            raise invalid_input(f"{name} is given twice. Lists are separated by commas.")


def _time_field(params: QueryParams) -> TimeField:
    created = {"createdAfter", "createdBefore"} & set(params)
    updated = {"lastUpdatedAfter", "lastUpdatedBefore"} & set(params)
    if ("createdAfter" in created) == ("lastUpdatedAfter" in updated):
        raise invalid_input("Provide exactly one of createdAfter and lastUpdatedAfter.")
    if created and updated:
        raise invalid_input("createdAfter/Before and lastUpdatedAfter/Before exclude each other.")
    return "created" if created else "lastUpdated"


def _time(params: QueryParams, name: str) -> datetime:
    text = params[name]
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_input(f"{name} {text!r} is not a date in ISO 8601 format.") from None
    if time.tzinfo is None:
        raise invalid_input(f"{name} {text!r} has no time zone.")
    return time.astimezone(UTC)


def _refuse_window(
    field: TimeField, *, after: datetime, before: datetime | None, clock: Clock
) -> None:
    youngest = youngest_shown(clock)
    if before is not None and before > youngest:
        raise invalid_input(f"{field}Before must be at least two minutes before the request.")
    if after > (before or youngest):
        raise invalid_input(f"{field}After must not be later than {field}Before.")


def _marketplaces(params: QueryParams) -> Sequence[str]:
    ids = _values(params, "marketplaceIds", allowed=KNOWN_IDS)
    if len(ids) > MARKETPLACES_MAX:
        raise invalid_input(f"marketplaceIds has more than {MARKETPLACES_MAX} values.")
    return ids


def _values(params: QueryParams, name: str, *, allowed: frozenset[str]) -> Sequence[str]:
    """Return the comma-separated values, each once, in order; none when there is no parameter."""
    values = sorted({value.strip() for value in params.get(name, "").split(",")} - {""})
    for value in values:
        if value not in allowed:
            raise invalid_input(f"{name} has no value {value!r}.")
    return tuple(values)


def _page_size(params: QueryParams) -> int:
    text = params.get("maxResultsPerPage", str(PAGE_MAX))
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= PAGE_MAX:
        raise invalid_input(f"maxResultsPerPage must be between 1 and {PAGE_MAX}.")
    return int(text)
