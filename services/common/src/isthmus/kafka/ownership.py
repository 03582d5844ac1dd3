"""Which partitions this worker owns, from their assignment until they are taken away.

A partition begins paused. It becomes a lane, and runs, when its stable commit is known and when
its retry partition, its held keys and its tables were read to the end that they had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import structlog
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from isthmus.kafka.clients import Consumer, Message
from isthmus.kafka.codec import Codec
from isthmus.kafka.held_keys import HeldKeys
from isthmus.kafka.item import Item
from isthmus.kafka.lane import Lane
from isthmus.kafka.log import Log
from isthmus.kafka.positions import PositionLog
from isthmus.kafka.reader import BEGINNING, Reader, Reading
from isthmus.kafka.restore import Restore, Start
from isthmus.kafka.tables import Kind, TableSpec, TopicTable
from isthmus.kafka.workload import Flow, Workload
from isthmus.ops.clock import Clock

log = structlog.get_logger(__name__)

Place = tuple[str, int]


class NotCoOwned(Exception):
    """Source and retry partitions of one number were not assigned to the same worker."""


class Ownership:
    """The partitions of this worker: on their way to a lane, or running."""

    def __init__(
        self,
        *,
        workload: Workload,
        consumer: Consumer,
        reader: Reader,
        codec: Codec,
        clock: Clock,
        state_dir: Path | None,
        restore_bound_s: float,
        logical: Callable[[str], str],
    ) -> None:
        self.lanes: dict[Place, Lane] = {}
        self.tables: dict[Place, dict[str, TopicTable]] = {}
        self._seen: dict[Place, dict[str, TopicTable]] = {}
        self._workload = workload
        self._consumer = consumer
        self._reader = reader
        self._codec = codec
        self._clock = clock
        self._state_dir = state_dir
        self._restore_bound_s = restore_bound_s
        self._logical = logical
        self._restores: dict[Place, tuple[Flow, Restore, HeldKeys]] = {}
        self._following: dict[Place, list[Reading]] = {}
        self._paused: set[Place] = set()
        self._global = {
            spec.topic: TopicTable(spec, path=self._path(spec, None), decode=codec.decode)
            for spec in workload.tables
            if spec.kind is Kind.GLOBAL
        }
        self._global_readings: list[Reading] = []

    @property
    def is_restoring(self) -> bool:
        """Tell whether a partition of ours does not run yet."""
        return bool(self._restores)

    def tables_of(self, item: Item) -> Mapping[str, TopicTable]:
        """Return the tables that a record's handler sees, by their names in the topic list."""
        lane = item.lane
        return self._seen.get((lane.topics.source, lane.partition), {})

    def open_global_tables(self) -> None:
        """Begin to read the tables that every process holds whole."""
        for topic, table in self._global.items():
            partitions = self._reader.admin.list_topics(topic, self._restore_bound_s).topics[topic]
            self._global_readings += [
                self._follow(table, topic, partition) for partition in partitions.partitions
            ]

    # What the group says.

    def assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """Own these partitions, paused, and begin to restore them.

        :raises NotCoOwned: the assignor did not give source and retry to the same worker.
        """
        places = {(one.topic, one.partition) for one in partitions}
        for flow in self._workload.flows:
            source = {number for topic, number in places if topic == flow.topics.source}
            retry = {number for topic, number in places if topic == flow.topics.retry}
            if source != retry:
                raise NotCoOwned(
                    f"{flow.topics.source} {sorted(source)} but {flow.topics.retry}"
                    f" {sorted(retry)}: the group's assignor must be range, and both topics must"
                    " have the same number of partitions"
                )
            for number in sorted(source):
                self._begin(flow, number)
        self._consumer.pause(list(partitions))
        self._paused |= places

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Own these partitions no longer. What still runs of them is not heard any more."""
        for one in partitions:
            place = (one.topic, one.partition)
            self._paused.discard(place)
            if lane := self.lanes.pop(place, None):
                lane.closed = True
            if begun := self._restores.pop(place, None):
                begun[1].cancel(self._reader)
            for reading in self._following.pop(place, ()):
                self._reader.drop(reading)
            self._seen.pop(place, None)
            for table in self.tables.pop(place, {}).values():
                if table.spec.kind is Kind.LOCAL:
                    table.close()

    # What the loop does.

    def advance(self) -> None:
        """Take a step with what is being restored; start what is ready."""
        for place, (flow, restore, held) in list(self._restores.items()):
            if not restore.advance(self._reader, is_late=self._is_late(place, restore)):
                # A pending transaction makes the question wait; the loop must not add these up.
                if restore.waits_for_the_group:
                    return
            elif all(one.is_caught_up for one in self._global_readings) and self._start(
                place, flow, restore, held
            ):
                del self._restores[place]

    def regulate(self, is_open: Callable[[Lane, bool], bool | None]) -> None:
        """Pause and resume each partition as asked.

        :param is_open: of a lane's source (false) or retry (true): run, stop, or as it is (none).
        """
        pause: list[TopicPartition] = []
        resume: list[TopicPartition] = []
        for lane in self.lanes.values():
            for topic, is_retry in ((lane.topics.source, False), (lane.topics.retry, True)):
                place, wanted = (topic, lane.partition), is_open(lane, is_retry)
                if wanted is False and place not in self._paused:
                    pause.append(TopicPartition(*place))
                    self._paused.add(place)
                elif wanted and place in self._paused:
                    resume.append(TopicPartition(*place))
                    self._paused.discard(place)
        if pause:
            self._consumer.pause(pause)
        if resume:
            self._consumer.resume(resume)

    def is_paused(self, place: Place) -> bool:
        """Tell whether nothing is fetched of this partition."""
        return place in self._paused

    # How it works.

    def _begin(self, flow: Flow, number: int) -> None:
        place = (flow.topics.source, number)
        held = HeldKeys(
            topic=flow.topics.held,
            audit_topic=flow.topics.audit,
            group=self._workload.group,
            partition=number,
            encode=self._codec.encode,
            decode=self._codec.decode,
        )
        local = {
            spec.topic: TopicTable(spec, path=self._path(spec, number), decode=self._codec.decode)
            for spec in self._workload.tables
            if spec.kind is Kind.LOCAL
        }
        self.tables[place] = {**self._global, **local}
        self._seen[place] = {self._logical(name): one for name, one in self.tables[place].items()}
        self._following[place] = []
        restore = Restore(
            partition=number,
            consumer=self._consumer,
            source=Start(TopicPartition(flow.topics.source, number)),
            retry=Start(TopicPartition(flow.topics.retry, number)),
            positions=PositionLog(
                topic=flow.topics.positions,
                partition=number,
                encode=self._codec.encode,
                decode=self._codec.decode,
            ),
            began_at=self._clock.monotonic(),
            extra=[
                partial(self._load_held, held),
                *(partial(self._follow_local, place, table) for table in local.values()),
            ],
        )
        self._restores[place] = (flow, restore, held)

    def _start(self, place: Place, flow: Flow, restore: Restore, held: HeldKeys) -> bool:
        source, retry = restore.source.progress, restore.retry.progress
        assert source is not None
        assert retry is not None
        try:
            self._consumer.seek(TopicPartition(place[0], place[1], source.offset))
            self._consumer.seek(TopicPartition(flow.topics.retry, place[1], retry.offset))
        except KafkaException as error:
            # The client may still be busy with the assignment; the next turn of the loop asks it.
            if error.args[0].code() in (KafkaError._STATE, KafkaError._TIMED_OUT):  # noqa: SLF001
                return False
            raise
        lane = Lane(
            topics=flow.topics,
            partition=restore.partition,
            group=self._workload.group,
            policy=flow.policy,
            source=Log.resume(source),
            retry=Log.resume(retry),
            parked=restore.parked,
            counted_to=restore.counted_to,
            held=held,
            positions=restore.positions,
        )
        lane.changed = True  # that a life began is worth a commit
        self.lanes[place] = lane
        log.info(
            "lane.started",
            topic=place[0],
            partition=place[1],
            offset=source.offset,
            parked=lane.parked.records,
            held=len(held.keys),
            lives=lane.source.lives,
            seconds=round(self._clock.monotonic() - restore.began_at, 3),
        )
        return True

    def _is_late(self, place: Place, restore: Restore) -> bool:
        """Tell whether the restore takes longer than any transaction may; complain of it once."""
        waited = self._clock.monotonic() - restore.began_at
        is_late = waited > self._restore_bound_s
        if is_late and not restore.complained:
            restore.complained = True
            log.error(
                "lane.late",
                topic=place[0],
                partition=place[1],
                seconds=round(waited, 1),
                group_answers=not restore.waits_for_the_group,
            )
        return is_late

    def _load_held(self, held: HeldKeys) -> Reading:
        def take(messages: Sequence[Message]) -> None:
            for message in messages:
                held.load(message.key() or b"", message.value())

        return self._reader.read(
            held.topic, held.partition, offset=BEGINNING, follows=False, on_messages=take
        )

    def _follow_local(self, place: Place, table: TopicTable) -> Reading:
        reading = self._follow(table, table.spec.topic, place[1])
        self._following[place].append(reading)
        return reading

    def _follow(self, table: TopicTable, topic: str, partition: int) -> Reading:
        def take(messages: Sequence[Message]) -> None:
            table.apply(
                ((message.key() or b"").decode("utf-8", errors="replace"), message.value())
                for message in messages
            )

        return self._reader.read(topic, partition, offset=BEGINNING, follows=True, on_messages=take)

    def _path(self, spec: TableSpec, partition: int | None) -> Path | None:
        if self._state_dir is None:
            return None
        part = "all" if partition is None else str(partition)
        return self._state_dir / f"{self._workload.group}-{spec.topic}-{part}.sqlite"
