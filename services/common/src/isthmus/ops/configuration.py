"""What is wrong with a configuration, told to the person who can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    :param where: the variable, or file and line.
    :param what: what is wrong there; never the value, which may be a secret.
    :param remedy: what to do.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return the three in one line."""
        return f"{self.where}: {self.what}. Remedy: {self.remedy}"


class ConfigurationError(Exception):
    """The configuration is wrong: the program must not start.

    :param problems: all that was found, so that one round of mending is enough.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        """Return one line per problem."""
        lines = (f"  - {problem}" for problem in self.problems)
        return "\n".join(["The configuration is wrong; nothing was started.", *lines])
