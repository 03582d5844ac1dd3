"""From raw record to raw outputs: what happens between the queue and the transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.records import (
    Attempt,
    Handle,
    IsWhole,
    Output,
    Record,
    Table,
    Tables,
    Transform,
    TransformGroup,
)
from isthmus.kafka import headers as names
from isthmus.kafka.clients import Headers
from isthmus.kafka.codec import Codec
from isthmus.kafka.execution import Failed, Incomplete
from isthmus.kafka.item import Item
from isthmus.kafka.letters import Stage, Write
from isthmus.kafka.schema_wait import SchemaWait
from isthmus.ops.clock import Clock

TablesOf = Callable[[Item], Mapping[str, Table[msgspec.Struct]]]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Reads records and writes outputs, the same for stages and sinks.

    :param incoming: decodes, with patience for schemas that may still come.
    :param physical: gives the name in Kafka of a topic in the list.
    :param local: topics of local tables: outputs to them go to the partition of the input.
    :param message_bytes_max: what Kafka would refuse is refused here, while it can still be told.
    """

    codec: Codec
    incoming: SchemaWait
    service: str
    physical: Callable[[str], str]
    local: frozenset[str]
    message_bytes_max: int

    def open(self, item: Item) -> Record[msgspec.Struct]:
        """Decode a record.

        :raises Failed: at the stage ``deserialize``.
        """
        try:
            key = (item.key or b"").decode("utf-8")
            value = self.incoming.read(
                item.origin.topic, item.value, first_failed_ms=item.first_failed_ms
            )
        except UnicodeDecodeError as error:
            wrong = Rejected("the record key is not UTF-8 text", reason_class="wrong-key")
            raise Failed(Stage.DESERIALIZE, wrong) from error
        except (Rejected, Retryable) as error:
            raise Failed(Stage.DESERIALIZE, error) from error
        return Record(
            topic=item.origin.topic,
            partition=item.origin.partition,
            offset=item.origin.offset,
            timestamp=datetime.fromtimestamp(item.timestamp_ms / 1000, UTC),
            key=key,
            value=value,
            headers=names.last_values(item.headers) if item.headers else {},
        )

    def close(self, item: Item, outputs: Iterable[Output]) -> list[Write]:
        """Encode the outputs of a record.

        :raises Failed: at the stage ``produce``.
        """
        carried: Headers = [
            header for header in item.headers if header[0] in (names.TRACEPARENT, names.TRACESTATE)
        ]
        return [self._write(item, output, index, carried) for index, output in enumerate(outputs)]

    def _write(self, item: Item, output: Output, index: int, carried: Headers) -> Write:
        topic, value = self.physical(output.topic), None
        if output.value is not None:
            try:
                value = self.codec.encode(topic, output.value)
            except (Rejected, Retryable) as error:
                raise Failed(Stage.PRODUCE, error) from error
            if len(value) > self.message_bytes_max:
                raise Failed(Stage.PRODUCE, _oversized(output.topic, len(value)))
        headers: Headers = [
            (names.EVENT_ID, f"{item.origin.effect_id}#{index}".encode()),
            (names.EVENT_SOURCE, self.service.encode()),
            *carried,
            *output.headers.items(),
        ]
        partition = item.origin.partition if topic in self.local else -1
        return Write(topic, partition, output.key.encode(), value, headers)


def stage_work(
    transform: Transform, *, envelope: Envelope, tables_of: TablesOf
) -> Callable[[Item], list[Write]]:
    """Make the work of a stage from its pure function."""

    def work(item: Item) -> list[Write]:
        record = envelope.open(item)
        return envelope.close(item, transform(record, tables_of(item)))

    return work


def fold_work(
    transform: TransformGroup, is_whole: IsWhole, *, envelope: Envelope, tables_of: TablesOf
) -> Callable[[Item], list[Write]]:
    """Make the work of a stage of whole groups from its pure functions."""

    def work(item: Item) -> list[Write]:
        members = item.lane.groups.members(item)
        if not is_whole(envelope.open(item), len(members) + 1):
            raise Incomplete
        # One after the other: a group may be much larger decoded than raw.
        group = map(envelope.open, (*members, item))
        return envelope.close(item, transform(group, tables_of(item)))

    return work


def sink_work(
    handle: Handle, *, envelope: Envelope, tables_of: TablesOf, clock: Clock, deadline_s: float
) -> Callable[[Item], list[Write]]:
    """Make the work of a sink from its handler.

    :param deadline_s: after which the handler must begin no further request.
    """

    def work(item: Item) -> list[Write]:
        record = envelope.open(item)
        deadline = clock.monotonic() + deadline_s

        def is_current() -> bool:
            return not item.lane.closed and clock.monotonic() < deadline

        tables: Tables = tables_of(item)
        attempt = Attempt(
            number=item.attempts + 1,
            unsure=item.unsure,
            deadline=deadline,
            is_current=is_current,
            tables=tables,
        )
        return envelope.close(item, handle(record, attempt))

    return work


def _oversized(topic: str, nbytes: int) -> Rejected:
    return Rejected(
        f"the output for {topic} has {nbytes} bytes, more than a record may have",
        reason_class="oversized",
    )
