"""The assignor ``range``: equal partition counts give one member the same numbers everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Partition = tuple[str, int]


@dataclass(frozen=True)
class Candidate:
    """A member as the assignor sees it."""

    member_id: str
    instance_id: str | None
    topics: tuple[str, ...]


def assign(candidates: list[Candidate], widths: Mapping[str, int]) -> dict[str, list[Partition]]:
    """Return the partitions of each member id."""
    assignment: dict[str, list[Partition]] = {each.member_id: [] for each in candidates}
    for topic, width in sorted(widths.items()):
        takers = _in_a_row([each for each in candidates if topic in each.topics])
        start = 0
        for index, taker in enumerate(takers):
            share = width // len(takers) + (index < width % len(takers))
            numbers = range(start, start + share)
            assignment[taker.member_id] += [(topic, number) for number in numbers]
            start += share
    return assignment


def _in_a_row(takers: list[Candidate]) -> list[Candidate]:
    if all(taker.instance_id for taker in takers):
        return sorted(takers, key=lambda taker: taker.instance_id or "")
    return sorted(takers, key=lambda taker: taker.member_id)
