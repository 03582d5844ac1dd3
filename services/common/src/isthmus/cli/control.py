"""``isthmusctl pause`` and ``resume``: records of the control topic that every worker reads."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from isthmus.cli.connection import Connection, user
from isthmus.kafka.letters import Write
from isthmus.messages.control import Audit, Control

Workload = Annotated[str, typer.Argument(help="The workload, such as mapper.")]
Account = Annotated[str, typer.Option(help="One seller account only.")]
By = Annotated[str, typer.Option(help="Who asks; default: you.")]


def pause(
    workload: Workload,
    why: Annotated[str, typer.Option(help="The reason, for those who find it paused.")],
    account: Account = "",
    by: By = "",
) -> None:
    """Stop a workload, or one account of it, until it is resumed; what runs is finished."""
    _tell(workload, account=account, state="paused", by=by or user(), why=why)


def resume(workload: Workload, account: Account = "", by: By = "") -> None:
    """Let a paused workload or account go on."""
    _tell(workload, account=account, state="running", by=by or user(), why="")


def _tell(workload: str, *, account: str, state: str, by: str, why: str) -> None:
    connection = Connection.open()
    topology, codec, now = connection.topology, connection.codec, connection.clock.now()
    known = topology.workloads()
    if workload not in known:
        raise typer.BadParameter(f"no workload {workload}; there are: {', '.join(sorted(known))}")
    key = topology.group(workload) + (f"/{account}" if account else "")
    control = Control(
        workload=workload, account=account or None, state=state, by=by, at=now, reason=why
    )
    action = "pause" if state == "paused" else "resume"
    audit = Audit(
        at=now, by=by, action=action, topic="", group=topology.group(workload), key=key, detail=why
    )
    connection.transactions(f"isthmusctl-control-{key}").commit(
        [
            Write(topology.control, 0, key.encode(), codec.encode(topology.control, control), []),
            Write(topology.audit, -1, key.encode(), codec.encode(topology.audit, audit), []),
        ],
        offsets=None,
        was_committed=lambda: False,  # said twice it means the same
    )
    Console().print(f"{workload}{f' of {account}' if account else ''}: {state}")
