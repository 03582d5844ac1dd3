"""``isthmusctl demo``."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
from rich.console import Console

RUN_DIR: Final = Path(".run/demo")
END_S: Final = 45.0
INTERRUPTED: Final = 130

RunDir = Annotated[Path, typer.Option("--run-dir", help="The folder for logs and configuration.")]

WIDE: Final = 110

console = Console(highlight=False)


def demo(
    *,
    orders: Annotated[int, typer.Option(min=20, max=5000, help="How many orders.")] = 320,
    clock_factor: Annotated[
        float, typer.Option(min=1, max=1000, help="Divides quotas, latencies, schedules.")
    ] = 60,
    seed: Annotated[int, typer.Option(help="Of orders and faults.")] = 1,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave Kafka and both ends up until Ctrl-C.")
    ] = False,
    run_dir: RunDir = RUN_DIR,
) -> None:
    """Let orders travel from a simulated Amazon into a simulated NetSuite, while workers die.

    Exit code 0: none lost, none doubled, none out of order, nothing left open.
    """
    try:
        # Imported here: production has neither a Kafka of its own nor the sandbox.
        from isthmus.cli.demo.folder import NotOurs  # noqa: PLC0415
        from isthmus.cli.demo.scene import NoSandbox  # noqa: PLC0415
        from isthmus.cli.demo.supervisor import Collapsed  # noqa: PLC0415
        from isthmus.cli.demo.wiring import Wishes, perform  # noqa: PLC0415
        from isthmus.kafka.local.errors import LocalKafkaUnavailable  # noqa: PLC0415
    except ModuleNotFoundError as error:
        console.print(f"{error.name} is not installed. Remedy: pip install 'isthmus[local]'")
        raise typer.Exit(os.EX_UNAVAILABLE) from None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if not console.is_terminal:
        console.width = WIDE
    wishes = Wishes(orders=orders, clock_factor=clock_factor, seed=seed, keep=keep, folder=run_dir)
    try:
        code = perform(wishes, console)
    except (Collapsed, LocalKafkaUnavailable, NoSandbox, NotOurs) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(os.EX_UNAVAILABLE) from None
    except KeyboardInterrupt:
        console.print("interrupted: everything was ended")
        code = INTERRUPTED
    raise typer.Exit(code)


def demo_down(run_dir: RunDir = RUN_DIR) -> None:
    """End a demo that runs or was kept."""
    from isthmus.cli.demo.folder import end_kept  # noqa: PLC0415 - as above

    found = end_kept(run_dir, patience_s=END_S)
    console.print("the demo was ended" if found else "no demo was running")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
