"""Starts the stage."""

from __future__ import annotations

from isthmus.kafka.run import exit_with
from isthmus_mapper.wiring import serve


def main() -> None:
    """Run mapper until SIGTERM."""
    exit_with(serve)


if __name__ == "__main__":
    main()
