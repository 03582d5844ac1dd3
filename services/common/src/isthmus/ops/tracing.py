"""Traces through headers (W3C), recorded only where a collector is configured.

    with tracing.span("orders process", parent=record.headers, attributes={...}) as span:
        outputs = transform(record)
        headers = span.headers          # what every output carries

Without a collector a span passes the headers of its parent on, and nothing else happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

Headers: TypeAlias = Mapping[str, bytes] | Iterable[tuple[str, bytes | None]]

TRACE_HEADERS: Final = ("traceparent", "tracestate", "baggage")
HEADER_BYTES_MAX: Final = 8192

# The only attributes there are. Keys and values of records are not among them: they may tell who
# bought what.
Attribute: TypeAlias = Literal[
    "error.type",
    "isthmus.account",
    "isthmus.effect_id",
    "isthmus.end",
    "isthmus.operation",
    "isthmus.outcome",
    "isthmus.purpose",
    "messaging.batch.message_count",
    "messaging.consumer.group.name",
    "messaging.destination.name",
    "messaging.destination.partition.id",
    "messaging.kafka.offset",
    "messaging.operation.type",
    "messaging.system",
]
Attributes: TypeAlias = Mapping[Attribute, str | int]


class Span(Protocol):
    """A piece of work."""

    @property
    def headers(self) -> Mapping[str, bytes]:
        """Return the headers that make what follows a part of this trace."""
        ...

    def note(self, attributes: Attributes) -> None:
        """Add what became known during the work, such as its outcome."""
        ...

    def fail(self, error: BaseException) -> None:
        """Tell the type of an error that ended the work; nothing of its text."""
        ...


class Tracing(Protocol):
    """Where spans go."""

    @property
    def is_on(self) -> bool:
        """Tell whether anything is recorded."""
        ...

    def span(
        self,
        name: str,
        *,
        parent: Headers = (),
        links: Iterable[Headers] = (),
        attributes: Attributes | None = None,
    ) -> AbstractContextManager[Span]:
        """Record a piece of work.

        :param name: constant, such as ``amazon.orders process``.
        :param parent: the headers of the record that caused it.
        :param links: the headers of each record of a batch: a batch has many causes, no parent.
        """
        ...

    def close(self, *, within_s: float) -> None:
        """Send what was not sent yet; give up after so many seconds."""
        ...


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A span of which nothing is recorded."""

    headers: Mapping[str, bytes] = field(default_factory=dict)

    def note(self, attributes: Attributes) -> None:
        """Forget it."""

    def fail(self, error: BaseException) -> None:
        """Forget it."""


class NoTracing:
    """Tracing that is off."""

    is_on: Final = False

    def span(
        self,
        name: str,
        *,
        parent: Headers = (),
        links: Iterable[Headers] = (),
        attributes: Attributes | None = None,
    ) -> AbstractContextManager[Span]:
        """Pass the trace of the parent on."""
        return nullcontext(PassedOn(trace_headers(parent)))

    def close(self, *, within_s: float) -> None:
        """Do nothing: there is nothing to send."""


def trace_headers(headers: Headers) -> dict[str, bytes]:
    """Return the headers of a record that carry its trace, as they came."""
    return {
        name: value
        for name, value in _pairs(headers)
        if name in TRACE_HEADERS and value is not None and len(value) <= HEADER_BYTES_MAX
    }


def _pairs(headers: Headers) -> Iterator[tuple[str, bytes | None]]:
    yield from headers.items() if isinstance(headers, Mapping) else headers


def tracing_to(endpoint: str, *, service: str, slot: int, ratio: float = 1.0) -> Tracing:
    """Return where spans go: to the collector at this address, or nowhere if it is empty."""
    if not endpoint:
        return NoTracing()
    # Imported here: a third of a second and ten megabytes that only those pay who trace.
    from isthmus.ops.otlp import otlp_tracing  # noqa: PLC0415

    return otlp_tracing(endpoint, service=service, slot=slot, ratio=ratio)
