"""A metric that is declared once: as an attribute of a class, and as a row of the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeAlias, TypeVar, cast, overload

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Metric: TypeAlias = Counter | Gauge | Histogram
M = TypeVar("M", Counter, Gauge, Histogram)


class Owner(Protocol):
    """What a declaration may stand in: it holds the metrics by name."""

    @property
    def by_name(self) -> Mapping[str, Metric]:
        """Return the metrics that were made of the declarations."""
        ...


@dataclass(frozen=True, eq=False)
class Declared(Generic[M]):
    """A descriptor: on the class the declaration, on an instance the metric of its registry.

    :param name: as Prometheus shows it, with ``_total`` for a counter.
    :param meaning: what an on-call person reads.
    :param buckets: the upper bounds of a histogram.
    """

    kind: type[M]
    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: Owner, kind: type) -> M: ...
    def __get__(self, owner: Owner | None, kind: type) -> Self | M:
        """Return the declaration or the metric."""
        return self if owner is None else cast(M, owner.by_name[self.name])

    def made(self, registry: CollectorRegistry) -> Metric:
        """Make the metric on a registry."""
        if self.kind is Histogram:
            return Histogram(
                self.name, self.meaning, self.labels, registry=registry, buckets=self.buckets
            )
        return self.kind(self.name, self.meaning, self.labels, registry=registry)


def declarations(
    kind: type,
) -> tuple[Declared[Counter] | Declared[Gauge] | Declared[Histogram], ...]:
    """Return what a class and its parents declare, in their order."""
    return tuple(
        value
        for parent in reversed(kind.__mro__)
        for value in vars(parent).values()
        if isinstance(value, Declared)
    )


def table(kind: type) -> str:
    """Return the declarations of a class as a table in Markdown."""
    rows = (
        f"| `{one.name}` | {one.kind.__name__.lower()} | {', '.join(one.labels)} | {one.meaning} |"
        for one in sorted(declarations(kind), key=lambda one: one.name)
    )
    return "\n".join(["| metric | kind | labels | meaning |", "|---|---|---|---|", *rows, ""])
