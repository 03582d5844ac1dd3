"""POSTs that NetSuite refused because the record was there: each must have a cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from isthmus.cli.demo.evidence import Call, Death, Evidence
from isthmus.cli.demo.expected import order_id_of

CREATE: Final = ".create"
CREATED: Final = "created"
DUPLICATE: Final = "duplicate"
SAVED: Final = 204
SHARED: Final = "customer.create"
WRITER: Final = "netsuite-writer"

# A request that was sent before a kill may arrive, and take effect, this much after it.
UNDER_WAY: Final = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused POST, and why the record was there before; none where nothing explains it."""

    call: Call
    why: str | None


def refusals(evidence: Evidence) -> Iterator[Refusal]:
    """Yield the refused POSTs with their causes."""
    posts = [call for call in evidence.calls if call.operation.endswith(CREATE)]
    deaths = [death for death in evidence.deaths if death.worker == WRITER]
    for call in posts:
        if call.effect == DUPLICATE:
            same = [one for one in posts if _of_one_record(one, call) and one.time <= call.time]
            yield Refusal(call, _why(call, same, deaths, evidence))


def _of_one_record(one: Call, other: Call) -> bool:
    return one is not other and (one.operation, one.key) == (other.operation, other.key)


def _why(
    refused: Call, earlier: Sequence[Call], deaths: Sequence[Death], evidence: Evidence
) -> str | None:
    made = next((call for call in earlier if call.effect == CREATED), None)
    if made is None:
        return None
    was_hidden = made.fault is not None and made.status != SAVED
    if refused.operation == SHARED:
        return made.fault if was_hidden else "two writers needed one customer"
    order = f"/{order_id_of(refused.key or '')}"
    told = [one.written for one in evidence.outcomes if one.key.endswith(order)]
    commands = sum(one.key.endswith(order) for one in evidence.commands)
    if 0 < sum(written < refused.time for written in told) < commands:
        return "commanded again"
    if was_hidden and not any(written < refused.time for written in told):
        return made.fault
    return _killed(made, refused, told, deaths)


def _killed(
    made: Call, refused: Call, told: Sequence[datetime], deaths: Sequence[Death]
) -> str | None:
    """Return the end of a writer that had the record made, and no time left to say so."""
    for death in deaths:
        was_under_way = made.time - UNDER_WAY <= death.at <= refused.time
        if was_under_way and not any(written < death.at for written in told):
            return "kill -9" if death.was_killed else f"exit {death.exit_code}"
    return None
