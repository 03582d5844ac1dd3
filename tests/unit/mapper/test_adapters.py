"""A rehearsal maps for nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import pytest

from isthmus.core.records import Output, Record, Table, Tables
from isthmus.kafka import topics
from isthmus.kafka.codec import Codec
from isthmus.kafka.codecs import codec_for
from isthmus.messages.amazon import Order
from isthmus.ops.settings import KafkaSettings
from isthmus.testing.builders import ACCOUNT, a_netsuite_item, an_order
from isthmus_mapper.adapters import NoRows, Rehearsal
from isthmus_mapper.handler import COMMANDED, FEEDS, ITEMS, OrderMapping
from tests.unit.mapper.parts import ALL_ITEMS_READ, Items, a_mapping
from tests.unit.mapper.test_release import FIRST, a_letter

SCHEMAS = Path(__file__).parents[3] / "schemas"


@pytest.fixture(scope="module")
def codec() -> Codec:
    topology = topics.load(SCHEMAS / "topics.yaml")
    return codec_for(
        topology, schemas_dir=SCHEMAS, kafka=KafkaSettings(bootstrap_servers="127.0.0.1:1")
    )


def tables(*skus: str) -> Tables:
    made: Mapping[str, Table[msgspec.Struct]] = {
        ITEMS: Items(*map(a_netsuite_item, skus)),
        FEEDS: ALL_ITEMS_READ,
        COMMANDED: NoRows(),
    }
    return made


def would_map(codec: Codec, order: Order, *skus: str) -> bool:
    letter = a_letter(
        f"{order.account}/{order.order_id}", 1, value=codec.encode("amazon.orders", order)
    )
    return Rehearsal(OrderMapping({ACCOUNT: a_mapping()}), tables(*skus), codec)(letter)


class TestRehearsal:
    def test_fails_while_the_item_is_missing(self, codec: Codec) -> None:
        assert not would_map(codec, an_order(), "SKU-0002")

    def test_succeeds_once_it_is_there(self, codec: Codec) -> None:
        assert would_map(codec, an_order(), "SKU-0001")

    def test_fails_with_what_cannot_be_read(self, codec: Codec) -> None:
        letter = a_letter(FIRST, 1, value=b"no record")

        assert not Rehearsal(OrderMapping({}), tables(), codec)(letter)

    def test_fails_with_a_bug(self, codec: Codec) -> None:
        def broken(record: Record[msgspec.Struct], tables: Tables) -> Iterable[Output]:
            raise ZeroDivisionError

        letter = a_letter(FIRST, 1, value=codec.encode("amazon.orders", an_order()))

        assert not Rehearsal(broken, tables(), codec)(letter)
