"""The verdict as people read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from isthmus.cli.demo.evidence import Call, Death, Evidence
from isthmus.cli.demo.verdict import Row, Rule, Verdict

BREACHES_SHOWN: Final = 20
COLUMNS: Final = ("orders", "at Amazon", "facts", "to book", "commands", "in NetSuite")


def show(
    console: Console,
    verdict: Verdict,
    evidence: Evidence,
    *,
    clock_factor: float,
    seconds: float,
) -> None:
    """Print the tables, and what broke a rule."""
    console.print(_orders(verdict.rows))
    console.print(_sum(verdict.rows), soft_wrap=True)
    console.print(_rest(verdict, evidence, clock_factor=clock_factor, seconds=seconds))
    for breach in verdict.breaches[:BREACHES_SHOWN]:
        console.print(f"[red]{breach.rule}[/red] {breach.key}: {breach.why}")
    if len(verdict.breaches) > BREACHES_SHOWN:
        console.print(f"[red]and {len(verdict.breaches) - BREACHES_SHOWN} more")


def _orders(rows: Sequence[Row]) -> Table:
    table = Table(title="Where the orders are", show_footer=True)
    totals = [sum(column) for column in zip(*map(_numbers, rows), strict=True)]
    table.add_column(COLUMNS[0], "all")
    for name, total in zip(COLUMNS[1:], totals, strict=True):
        table.add_column(name, str(total), justify="right")
    table.add_column("dead letters on the way")
    for row in rows:
        table.add_row(row.kind, *map(str, _numbers(row)), _listed(row.letters))
    return table


def _sum(rows: Sequence[Row]) -> str:
    orders, facts, due, commands, booked = (
        sum(column) for column in zip(*map(_numbers, rows), strict=True)
    )
    return (
        f"{orders} orders at Amazon = {facts} in facts; {due} to book = {commands} in commands"
        f" = {booked} in NetSuite; {orders - due} need no record"
    )


def _numbers(row: Row) -> tuple[int, ...]:
    return (row.orders, row.facts, row.due, row.commands, row.booked)


def _rest(verdict: Verdict, evidence: Evidence, *, clock_factor: float, seconds: float) -> Table:
    table = Table("", "", title="What must not be, and what was done to it", show_header=False)
    for rule in Rule:
        number = verdict.broken(rule)
        table.add_row(rule.value, f"[bold]{'[red]' if number else '[green]'}{number}")
    table.add_section()
    for what, told in _doings(verdict, evidence):
        table.add_row(what, told)
    table.add_row("clock factor", f"{clock_factor:g}")
    table.add_row("seconds", f"{seconds:.0f}")
    return table


def _doings(verdict: Verdict, evidence: Evidence) -> Iterator[tuple[str, str]]:
    for end in dict.fromkeys(call.end for call in evidence.calls):
        calls = [call for call in evidence.calls if call.end == end]
        yield f"calls to {end}", _failed(calls)
    refused = Counter(one.why or "unexplained" for one in verdict.refusals)
    yield "POSTs refused as duplicates", f"{len(verdict.refusals)}{_in_brackets(refused)}"
    killed = [death for death in evidence.deaths if death.was_killed]
    yield "kill -9", _deaths(killed)
    own = [death for death in evidence.deaths if not death.was_killed]
    yield "workers that ended by themselves", _deaths(own)


def _failed(calls: Sequence[Call]) -> str:
    failed = Counter(call.fault for call in calls if call.fault)
    share = sum(failed.values()) / len(calls)
    return f"{len(calls)}, failed by fault {sum(failed.values())} = {share:.1%}" + _in_brackets(
        failed
    )


def _deaths(deaths: Sequence[Death]) -> str:
    return f"{len(deaths)}" + _in_brackets(Counter(death.name for death in deaths))


def _in_brackets(counted: Mapping[str, int]) -> str:
    return f" ({_listed(counted)})" if counted else ""


def _listed(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items()))
