"""Spans of records on their way: what a handler makes of one continues the record's trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from isthmus.kafka.clients import Headers
from isthmus.kafka.execution import Failed, Incomplete
from isthmus.kafka.headers import without
from isthmus.kafka.item import Item
from isthmus.kafka.letters import Write
from isthmus.ops.tracing import TRACE_HEADERS, Attributes, Tracing

# A batch has as many causes as records; a few tell which traces it belongs to.
LINKS_MAX: Final = 32

Work = Callable[[Item], list[Write]]


def traced(work: Work, tracing: Tracing, *, group: str) -> Work:
    """Return the same work in a span of its own; the work itself where nothing is recorded.

    Attributes name the place of a record, never its key: that is an order.
    """
    if not tracing.is_on:
        return work

    def run(item: Item) -> list[Write]:
        span_of = tracing.span(
            f"{item.origin.topic} process", parent=item.headers, attributes=_place(item, group)
        )
        failure: Failed | Incomplete
        with span_of as span:
            try:
                return [_carrying(write, span.headers) for write in work(item)]
            except Incomplete as incomplete:
                failure = incomplete
            except Failed as failed:
                failure = failed
                span.fail(failed.error)
        raise failure

    return run


def causes(headers: Iterable[Headers | None]) -> Sequence[Headers]:
    """Return the headers of a batch's records, as many as are worth a link."""
    return [one for one in islice(headers, LINKS_MAX) if one]


def _place(item: Item, group: str) -> Attributes:
    return {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.consumer.group.name": group,
        "messaging.destination.name": item.origin.topic,
        "messaging.destination.partition.id": str(item.origin.partition),
        "messaging.kafka.offset": item.origin.offset,
        "isthmus.effect_id": item.origin.effect_id,
    }


def _carrying(write: Write, trace: Mapping[str, bytes]) -> Write:
    return replace(write, headers=[*without(write.headers, TRACE_HEADERS), *trace.items()])
