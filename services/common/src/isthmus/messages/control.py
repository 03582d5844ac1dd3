"""What the core tells itself: namespace ``isthmus.control``."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from isthmus.messages.fields import Count, Number, Time


class State(StrEnum):
    """Values of ``Control.state``."""

    RUNNING = "running"
    PAUSED = "paused"


class OrderKey(msgspec.Struct, frozen=True, kw_only=True):
    """The data key of one order's personal data; purged, it is empty."""

    account: str
    order_id: str
    wrapped_key: bytes
    master_key_id: str
    created_at: Time

    def __repr__(self) -> str:
        """Leave the key out, wrapped as it is."""
        return f"OrderKey({self.account}/{self.order_id}, master key {self.master_key_id})"


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How far a feed of an account was read.

    :param position: the cursor, in words of the feed.
    :param sha256: of the position, in hexadecimal.
    """

    account: str
    feed: str
    position: str
    sequence: Number
    sha256: str


class HeldKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that waits for an operator. Its tombstone is the release.

    :param sequence: dead letters of this key so far: the number of the last one.
    """

    key: str
    sequence: Number
    since: Time
    reason_class: str
    broken_replay: str | None = None


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where the owner of a partition stands.

    :param source_progress: as in the commit metadata: what is done behind the offset, and more.
    """

    source_offset: Number
    source_progress: str
    retry_offset: Number
    retry_progress: str


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a workload, or one account of it, runs.

    :param account: the seller account; none for all.
    """

    workload: str
    account: str | None = None
    state: str
    by: str
    at: Time
    reason: str


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a replay, in the retry topic behind the records to replay.

    :param sequence: the last dead letter that the tool had seen; releases only if it still is.
    :param discard: whether the dead letters are given up instead of replayed.
    """

    key: str
    sequence: Number
    replay_id: str
    by: str
    at: Time
    discard: bool


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """What a person did to records.

    :param partition: of the dead letter; none for acts on more than one.
    :param offset: of the dead letter; none for acts on more than one.
    """

    at: Time
    by: str
    action: str
    topic: str
    group: str
    partition: Count | None = None
    offset: Number | None = None
    key: str
    replay_id: str | None = None
    detail: str
