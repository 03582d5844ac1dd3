"""A purged order cannot be read any more, and says so."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from isthmus.core.sealing import KeyPurged
from isthmus.kafka import purge
from isthmus.kafka.letters import Write
from isthmus.kafka.tables import Kind, TableSpec, TopicTable
from isthmus.messages.control import Audit, OrderKey
from isthmus.ops.sealing import MasterKey, TableKeys
from isthmus.testing.clock import VirtualClock
from tests.unit.common.kafka.codecs import a_codec, project_topology

ORDER = "acme/111-1234567-1234567"
AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def purged(codec_prefix: str = "") -> list[Write]:
    return purge.writes_of(
        ORDER,
        topology=project_topology().renamed(codec_prefix),
        codec=a_codec(prefix=codec_prefix),
        at=AT,
        by="ann",
        why="the buyer asked",
    )


def a_table(path: Path) -> TopicTable:
    topic = project_topology().order_keys
    return TopicTable(TableSpec(topic, Kind.LOCAL), path=path, decode=a_codec().decode)


def keys_of(table: TopicTable) -> TableKeys:
    master = MasterKey.of(base64.b64encode(b"m" * 32).decode())
    return TableKeys(table.spec.topic, table, master, VirtualClock())  # type: ignore[arg-type]


class TestPurge:
    def test_ends_reading_for_good(self, tmp_path: Path) -> None:
        table = a_table(tmp_path / "keys.sqlite")
        sealer = keys_of(table)
        sealed = sealer.seal(record_key=ORDER, field="buyer", plain=b"Jane Doe")
        (made,) = sealer.new_keys()
        assert made.value is not None
        table.apply([(ORDER, a_codec().encode(table.spec.topic, made.value))])
        assert keys_of(table).open(record_key=ORDER, field="buyer", sealed=sealed) == b"Jane Doe"

        table.apply([(ORDER, purged()[0].value)])

        with pytest.raises(KeyPurged, match="was purged"):
            keys_of(table).open(record_key=ORDER, field="buyer", sealed=sealed)

    def test_gives_the_order_no_new_key(self, tmp_path: Path) -> None:
        table = a_table(tmp_path / "keys.sqlite")
        table.apply([(ORDER, purged()[0].value)])
        sealer = keys_of(table)

        with pytest.raises(KeyPurged):
            sealer.seal(record_key=ORDER, field="buyer", plain=b"Jane Doe")

        assert sealer.new_keys() == ()

    def test_stands_where_the_key_stood_and_is_audited(self) -> None:
        key, audit = purged("copy-")

        decode = a_codec(prefix="copy-").decode
        row, entry = decode(key.topic, key.value), decode(audit.topic, audit.value)
        assert (key.topic, key.partition, key.key) == (
            "copy-isthmus.order-keys",
            -1,
            ORDER.encode(),
        )
        assert isinstance(row, OrderKey)
        assert row.wrapped_key == b""
        assert isinstance(entry, Audit)
        assert (entry.action, entry.by, entry.key, entry.detail) == (
            "purge",
            "ann",
            ORDER,
            "the buyer asked",
        )
