"""Planted bugs: each takes one rule away, and the checker must name what breaks.

They replace attributes of the product in the worker's own process; the product knows of none.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from confluent_kafka import IsolationLevel, TopicPartition

from isthmus.kafka import client_settings, done_map, lane, letters, questions, restore, worker
from isthmus.kafka.done_map import Progress
from isthmus.kafka.item import Item
from isthmus.kafka.lane import KeyQueue, Lane
from isthmus.kafka.parked import Parked


def no_key_lock() -> None:
    """Run a record although older ones of its key are parked."""

    def judge(self: Lane, item: Item, queue: KeyQueue, _now_ms: int) -> None:
        queue.busy = True
        self._ready.append(item)

    _put(lane.Lane, "_judge_new", judge)


def memory_lock() -> None:
    """Forget at each start what is parked."""
    real = restore.Restore.advance

    def advance(self: restore.Restore, *given: Any, **named: Any) -> bool:
        is_ready = real(self, *given, **named)
        if is_ready:
            self.parked = Parked()
        return is_ready

    _put(restore.Restore, "advance", advance)


def no_done_map() -> None:
    """Commit the offset alone."""
    real = done_map.encode

    def encode(progress: Progress) -> str:
        return real(Progress(progress.offset, token=progress.token))

    _put(done_map, "encode", encode)


def commit_before_effect() -> None:
    """Count a record as done when it is handed out."""
    real = lane.Lane.take

    def take(self: Lane) -> Item | None:
        item = real(self)
        if item is not None and not item.is_retried:
            window = self.source.window
            window._incomplete.pop(item.offset, None)
            window._incomplete[item.offset + 10**9] = (item, 0)
            item.offset += 10**9
            self.changed = True
        return item

    _put(lane.Lane, "take", take)


def dropped_dead_letter() -> None:
    """Finish a record without writing its dead letter."""

    def bury(self: Lane, item: Item, *_: Any) -> None:
        self._finish(item)

    _put(lane.Lane, "_bury", bury)


def random_transactional_id() -> None:
    """Let nobody fence a dead self."""
    real = client_settings.transactional_producer

    def settings(kafka: Any, *, transactional_id: str) -> Any:
        return real(kafka, transactional_id=f"{transactional_id}-{os.urandom(4).hex()}")

    _put(client_settings, "transactional_producer", settings)


def restore_to_lso() -> None:
    """Restore to the last stable offset: what an open transaction hides is not seen."""

    def ask(admin: Any, place: TopicPartition, spec: Any) -> Any:
        return admin.list_offsets(
            {place: spec}, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=10.0
        )[place]

    _put(questions, "ask", ask)


def transaction_over_rebalance() -> None:
    """Let partitions go without finishing and committing first."""

    def revoke(self: Any, consumer: Any, partitions: Any) -> None:
        self._ownership.revoked(partitions)
        consumer.unassign()

    _put(worker.Worker, "_on_revoke", revoke)


def doubled_output() -> None:
    """Write the outputs of every twentieth record twice."""
    real = lane.Lane.passed

    def passed(self: Lane, offset: int, writes: Any) -> None:
        real(self, offset, list(writes) * (2 if offset % 20 == 19 else 1))

    _put(lane.Lane, "passed", passed)


def cut_headers() -> None:
    """Leave the origin out of dead letters."""
    _put(letters, "origin_headers", lambda item, *, group, now_ms: {})


def early_retry() -> None:
    """Run parked records before their time."""

    def wait(self: Lane, item: Item, _due_ms: int, _now_ms: int) -> None:
        self._ready.append(item)

    _put(lane.Lane, "_wait_until", wait)


def _put(owner: Any, name: str, value: Any) -> None:
    setattr(owner, name, value)


PLANTS: Final[dict[str, Callable[[], None]]] = {
    "no-key-lock": no_key_lock,
    "memory-lock": memory_lock,
    "no-done-map": no_done_map,
    "commit-before-effect": commit_before_effect,
    "dropped-dead-letter": dropped_dead_letter,
    "random-transactional-id": random_transactional_id,
    "restore-to-lso": restore_to_lso,
    "transaction-over-rebalance": transaction_over_rebalance,
    "doubled-output": doubled_output,
    "cut-headers": cut_headers,
    "early-retry": early_retry,
}
