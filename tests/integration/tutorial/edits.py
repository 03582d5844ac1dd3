"""Applies the ``diff`` blocks of the tutorial: hunks found by their text, not by line numbers."""

from __future__ import annotations

MARK = "@@"


class DoesNotApply(Exception):
    """The file does not hold, exactly once, what the tutorial changes."""


def edited(text: str, diff: str) -> str:
    """Return the text after all hunks of a diff.

    A hunk begins with ``@@`` and some text of one line of the file, or none; it is applied at the
    first match from the line behind that.

    :raises DoesNotApply: anchor or lines are not there.
    """
    head, *hunks = ("\n" + diff).split(f"\n{MARK}")
    if head.strip() or not hunks:
        raise DoesNotApply(f"a diff of the tutorial begins with {MARK}")
    lines = text.splitlines()
    for hunk in hunks:
        anchor, *changes = hunk.splitlines()
        lines = _edited(lines, anchor.strip(), changes)
    return "\n".join([*lines, ""])


def _edited(lines: list[str], anchor: str, changes: list[str]) -> list[str]:
    first = _behind(lines, anchor) if anchor else 0
    before = [change[1:] for change in changes if change[:1] != "+"]
    after = [change[1:] for change in changes if change[:1] != "-"]
    for start in range(first, len(lines) - len(before) + 1):
        if lines[start : start + len(before)] == before:
            return [*lines[:start], *after, *lines[start + len(before) :]]
    raise DoesNotApply("\n".join([f"behind {anchor!r} there is no", *before]))


def _behind(lines: list[str], anchor: str) -> int:
    found = [number for number, line in enumerate(lines) if anchor in line]
    if len(found) != 1:
        raise DoesNotApply(f"{anchor!r} stands in {len(found)} lines, not in one")
    return found[0] + 1
