"""Starts the sink."""

from __future__ import annotations

from isthmus.kafka.run import exit_with
from isthmus_netsuite_writer.wiring import run


def main() -> None:
    """Run netsuite-writer until SIGTERM."""
    exit_with(run)


if __name__ == "__main__":
    main()
