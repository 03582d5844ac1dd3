"""What a person is told about a wrong configuration."""

from __future__ import annotations

from isthmus.ops.configuration import ConfigurationError, Problem


class TestConfigurationError:
    def test_tells_place_problem_and_remedy_of_each_in_a_line(self) -> None:
        error = ConfigurationError(
            [
                Problem("accounts.yaml:3", "no marketplace", "add one"),
                Problem("ISTHMUS_SLOT", "is not set", "set it"),
            ]
        )

        assert str(error).splitlines() == [
            "The configuration is wrong; nothing was started.",
            "  - accounts.yaml:3: no marketplace. Remedy: add one",
            "  - ISTHMUS_SLOT: is not set. Remedy: set it",
        ]

    def test_keeps_the_problems(self) -> None:
        problem = Problem("x", "y", "z")

        assert ConfigurationError(iter([problem])).problems == (problem,)
