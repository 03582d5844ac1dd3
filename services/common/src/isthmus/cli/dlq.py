"""``isthmusctl dlq``: see dead letters, send them back in order, give them up, let keys go."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from isthmus.cli.connection import Connection, user
from isthmus.kafka import replay as replays
from isthmus.kafka.dead_letters import Letter, Letters
from isthmus.kafka.letterbox import Act, Letterbox
from isthmus.kafka.replay import Desk, Operator, ReplayInProgress
from isthmus.kafka.source_desk import SourceOperator
from isthmus.ops.clock import SystemClock

app = typer.Typer(
    no_args_is_help=True,
    help="Dead letters of one topic and consumer group, or of the source that writes it.",
)
console = Console()

Topic = Annotated[str, typer.Option(help="The source topic, such as amazon.orders.")]
Group = Annotated[
    str,
    typer.Option(help="The consumer group, such as mapper; or the source, such as amazon-ingest."),
]
Reason = Annotated[str, typer.Option(help="Only letters of this reason class.")]
Key = Annotated[str, typer.Option(help="Only letters of this key, such as acme/111-1-1.")]
Most = Annotated[int, typer.Option(min=1, help="At most so many letters.")]
Rate = Annotated[float, typer.Option(min=0.1, help="Letters a second, at most.")]
Execute = Annotated[
    bool, typer.Option("--execute", help="Do it. Without: only say what would be done.")
]
By = Annotated[str, typer.Option(help="Who does it, for the audit; default: you.")]


@app.command("list")
def list_(topic: Topic, group: Group, reason: Reason = "", key: Key = "", most: Most = 50) -> None:
    """Show open letters, by reason and one by one. Contents are not shown."""
    letters = _desk(topic, group).look()
    chosen = _chosen(letters, reason=reason, key=key, most=most)
    table = Table("place", "key", "reason", "what", "path", "attempts", "failed", "replays")
    for one in chosen:
        table.add_row(
            one.place,
            one.key_text,
            one.reason_class,
            one.detail,
            one.path,
            str(one.attempts),
            one.failed_at.isoformat(timespec="seconds"),
            str(one.replays),
        )
    console.print(table)
    reasons = Counter(one.reason_class for one in letters.open())
    summary = ", ".join(f"{name} {number}" for name, number in reasons.most_common())
    console.print(
        f"{len(letters.open())} open ({summary or 'none'}), {len(letters.held)} keys held"
    )


@app.command()
def show(
    topic: Topic,
    group: Group,
    place: Annotated[str, typer.Argument(help="partition/offset, as list prints it.")],
) -> None:
    """Show one letter: its headers, and of its value the size and the sum, never the content."""
    found = [one for one in _desk(topic, group).look().letters if one.place == place]
    if not found:
        raise typer.BadParameter(f"no dead letter at {place}")
    (letter,) = found
    table = Table("header", "value", title=f"{letter.place} · {letter.state.value}")
    for name, value in letter.headers:
        table.add_row(name, (value or b"").decode("utf-8", errors="replace"))
    value = letter.value or b""
    table.add_row("[value]", f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}")
    console.print(table)


@app.command()
def replay(
    *,
    topic: Topic,
    group: Group,
    reason: Reason = "",
    key: Key = "",
    most: Most = 1000,
    rate: Rate = 50.0,
    execute: Execute = False,
    by: By = "",
) -> None:
    """Send letters back, key by key in the order of the source. Their keys go on behind them."""
    operator = _operator(topic, group)
    letters = operator.look()
    chosen, looping = replays.within_loop_guard(
        _whole_keys(letters, _chosen(letters, reason=reason, key=key, most=most))
    )
    if looping:
        console.print(
            f"[yellow]{len(looping)} came back {replays.REPLAYS_MAX} times and stay: discard them"
            " or mend their cause"
        )
    if not _confirmed(chosen, verb="send back", execute=execute):
        return
    sent = 0
    for batch in track(replays.by_key(chosen), description="replay", console=console):
        try:
            sent += operator.replay(letters, batch, _act(by))
        except ReplayInProgress as refusal:
            console.print(f"[yellow]skipped: {refusal}")
        operator.clock.sleep(len(batch) / rate)
    console.print(f"{sent} sent back")


@app.command()
def discard(
    *,
    topic: Topic,
    group: Group,
    why: Annotated[str, typer.Option(help="The reason, for the audit.")],
    reason: Reason = "",
    key: Key = "",
    most: Most = 1000,
    execute: Execute = False,
    by: By = "",
) -> None:
    """Give letters up for good; their keys go on without them."""
    operator = _desk(topic, group)
    letters = operator.look()
    chosen = _whole_keys(letters, _chosen(letters, reason=reason, key=key, most=most))
    if not _confirmed(chosen, verb="give up", execute=execute):
        return
    for batch in replays.by_key(chosen):
        operator.discard(letters, batch, _act(by), why=why)
    console.print(f"{len(chosen)} given up")


@app.command()
def release(topic: Topic, group: Group, key: Key, execute: Execute = False, by: By = "") -> None:
    """Let later records of a key go on; its letters stay open."""
    operator = _operator(topic, group)
    letters = operator.look()
    held = [one for one in letters.letters if one.key_text == key]
    if key.encode() not in letters.held or not held:
        raise typer.BadParameter(f"{key} is not held")
    console.print(f"{key}: held since {letters.held[key.encode()].since.isoformat()}")
    if execute:
        operator.release(letters, key.encode(), held[0].partition, _act(by))
        console.print("released")
    else:
        console.print("dry run: add --execute to do it")


def _desk(topic: str, group: str) -> Operator | SourceOperator:
    """Open the desk of a consumer group on a topic, or that of the source that writes it."""
    connection = Connection.open()
    topology = connection.topology
    if topology.name(topic) in topology.consumed_by(group):
        return _operator(topic, group)
    if topology.name(topic) not in {topology.name(one.name) for one in topology.produced_by(group)}:
        raise typer.BadParameter(f"{group} neither consumes {topic} nor writes it")
    dlq = topology.dlq(topic, group)
    return SourceOperator(
        Letterbox(
            dlq=dlq,
            audit=topology.audit,
            group=group,
            reader=connection.reader(),
            transactions=connection.transactions(f"isthmusctl-{dlq}"),
            codec=connection.codec,
            clock=connection.clock,
        )
    )


def _operator(topic: str, group: str) -> Operator:
    connection = Connection.open()
    topology = connection.topology
    if topology.name(topic) not in topology.consumed_by(group):
        raise typer.BadParameter(
            f"{group} does not consume {topic}: nothing was parked or held, and nothing can be sent"
            f" back. If it is a source, it reads the thing again when it changes outside; mend the"
            " cause, then discard the letter"
        )
    return Operator(
        desk=Desk.of(topology, topic, group),
        reader=connection.reader(),
        transactions=connection.transactions(f"isthmusctl-{topology.dlq(topic, group)}"),
        codec=connection.codec,
        clock=connection.clock,
    )


def _chosen(letters: Letters, *, reason: str, key: str, most: int) -> list[Letter]:
    return [
        one
        for one in letters.open()
        if (not reason or one.reason_class == reason) and (not key or one.key_text == key)
    ][:most]


def _whole_keys(letters: Letters, chosen: Sequence[Letter]) -> list[Letter]:
    """Take all open letters of the keys chosen: what stayed behind would be overtaken."""
    keys = {one.key for one in chosen}
    return [one for one in letters.open() if one.key in keys]


def _confirmed(chosen: Sequence[Letter], *, verb: str, execute: bool) -> bool:
    table = Table("reason", "letters", "keys", title=f"to {verb}")
    for reason, number in Counter(one.reason_class for one in chosen).most_common():
        keys = len({one.key for one in chosen if one.reason_class == reason})
        table.add_row(reason, str(number), str(keys))
    console.print(table)
    if not execute:
        console.print("dry run: add --execute to do it")
    return execute and bool(chosen)


def _act(by: str) -> Act:
    return Act(by=by or user(), at=SystemClock().now())
