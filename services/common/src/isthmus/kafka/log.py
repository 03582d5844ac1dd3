"""One partition of a lane: its window, and the lives that ended on it without progress.

A record that kills the process cannot be counted by the process. So each owner writes down that
it began; the third in a row that finds no progress runs records one at a time and writes down
which one it is about to run. If it dies as well, the next owner knows who did it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from isthmus.kafka.done_map import Progress
from isthmus.kafka.item import Item
from isthmus.kafka.window import Window

LIVES_BEFORE_CARE: Final = 2


@dataclass(slots=True)
class Log:
    """The window of one partition and what its last commit said.

    :param suspected: the offset that ran alone when the last owner ended.
    :param suspect: the offset that is about to run alone now.
    """

    window: Window[Item]
    lives: int = 0
    suspected: int | None = None
    suspect: int | None = None
    base: int = 0

    @classmethod
    def resume(cls, progress: Progress) -> Log:
        """Go on from a commit: one more life begins."""
        return cls(
            window=Window(committed=progress.offset, done=progress.done),
            lives=progress.lives + 1,
            suspected=progress.suspect,
            base=progress.offset,
        )

    @property
    def needs_care(self) -> bool:
        """Tell whether records must run one at a time, each named before it runs.

        Where nothing waits there is nobody to suspect: an idle partition sees many owners.
        """
        return self.suspected is not None or (
            self.lives > LIVES_BEFORE_CARE and len(self.window) > 0
        )

    @property
    def is_trusted(self) -> bool:
        """Tell whether a record may run that was not received first.

        Else the one that kills would never be seen to wait, and never be suspected.
        """
        return self.suspected is None and self.lives <= LIVES_BEFORE_CARE

    def ends_well(self) -> None:
        """Note that this life ends in good order: nobody killed it."""
        self.lives = 0

    def progress(self, token: str) -> Progress:
        """Return what to commit. A life that moved the offset forgives those before it."""
        lives = self.lives if self.window.committable == self.base else 0
        return self.window.progress(lives=lives, suspect=self.suspect, token=token)

    def committed(self) -> None:
        """Note that the progress is durable."""
        committable = self.window.committable
        if committable != self.base:
            self.lives, self.base = 0, committable
        if self.suspected is not None and committable > self.suspected:
            self.suspected = None
