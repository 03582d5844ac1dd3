"""Bytes and structs: exact both ways, and every failure tells its cause and place."""

from __future__ import annotations

import contextlib
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.core.errors import Retryable
from isthmus.core.money import Money
from isthmus.kafka import framing
from isthmus.kafka.avro import AvroReader
from isthmus.kafka.codec import Codec, Undecodable, Unencodable
from isthmus.kafka.schemas import Schema, parse
from isthmus.kafka.topology import UnknownTopic
from isthmus.kafka.undecodable import Cause
from isthmus.messages import RECORDS
from isthmus.messages.amazon import Order
from isthmus.messages.control import Audit, Release
from isthmus.messages.netsuite import (
    CashSale,
    Customer,
    Item,
    Line,
    Lineage,
    OrderCommand,
    SalesOrder,
)
from isthmus.ops.configuration import ConfigurationError
from isthmus.testing.builders import a_netsuite_item, an_order, an_order_item, usd
from tests.unit.common.kafka.codecs import a_codec, project_schemas, project_topology, raw

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRET = "Ada Lovelace"

ORDERS = "amazon.orders"
COMMANDS = "netsuite.order-commands"
RETRY = "amazon.orders.mapper.retry"
ITEMS = "netsuite.items"


def a_line(**fields: Any) -> Line:
    return Line(
        **{
            "item_id": "771",
            "sku": "KETTLE",
            "order_item_id": "1",
            "quantity": 2,
            "amount": usd("49.98"),
            "kind": "item",
            **fields,
        }
    )


def a_transaction(**fields: Any) -> dict[str, Any]:
    return {
        "external_id": "AMZ-SO-1",
        "customer": Customer(external_id="AMZ-CUST-US", name="Amazon.com US"),
        "date": date(2026, 11, 22),
        "other_reference": "111-1",
        "memo": "",
        "currency": "USD",
        "lines": (a_line(),),
        "total": usd("49.98"),
        **fields,
    }


def a_command(body: SalesOrder | CashSale) -> OrderCommand:
    lineage = Lineage(mapping_version="7", fact="amazon.orders/1/2", fact_updated_at=NOON)
    return OrderCommand(account="acme-us", order_id="111-1", lineage=lineage, body=body)


def a_release() -> Release:
    return Release(key="a/1", sequence=3, replay_id="r1", by="kim", at=NOON, discard=False)


@pytest.fixture
def codec() -> Codec:
    return a_codec()


def undecodable(codec: Codec, topic: str, value: bytes | None) -> Undecodable:
    with pytest.raises(Undecodable) as refused:
        codec.decode(topic, value)
    return refused.value


class TestRoundTrip:
    def test_gives_back_a_bare_order(self, codec: Codec) -> None:
        order = an_order(fulfilled_by=None, grand_total=None, items=())

        assert codec.decode(ORDERS, codec.encode(ORDERS, order)) == order

    def test_gives_back_a_full_order(self, codec: Codec) -> None:
        order = an_order(
            ship_by=NOON,
            deliver_by=NOON,
            buyer=b"\x00\xff sealed",
            recipient=b"",
            programs=("PRIME",),
            items=(an_order_item(title="Kettle — 青い, 1 l"), an_order_item(sku=None)),
        )

        assert codec.decode(ORDERS, codec.encode(ORDERS, order)) == order

    @pytest.mark.parametrize(
        "body",
        [
            SalesOrder(**a_transaction(), completed=True),
            CashSale(**a_transaction(ship_to=b"sealed", custom_fields={"custbody_a": "b"})),
        ],
    )
    def test_keeps_the_kind_of_a_body(self, codec: Codec, body: SalesOrder | CashSale) -> None:
        command = a_command(body)

        back = codec.decode(COMMANDS, codec.encode(COMMANDS, command))

        assert back == command
        assert isinstance(back, OrderCommand)
        assert type(back.body) is type(body)

    @given(
        amount=st.decimals(
            min_value=Decimal("-9999999999999999.9999"),
            max_value=Decimal("9999999999999999.9999"),
            allow_nan=False,
            allow_infinity=False,
            places=4,
        )
    )
    @settings(max_examples=300, deadline=None)
    def test_keeps_every_amount_to_the_last_place(self, amount: Decimal) -> None:
        codec = a_codec()
        order = an_order(grand_total=Money(amount, "JPY"))

        back = codec.decode(ORDERS, codec.encode(ORDERS, order))

        assert isinstance(back, Order)
        assert back.grand_total == Money(amount, "JPY")

    @pytest.mark.parametrize("amount", ["1.500000", "1E+3", "-0.0000000", "100", "0E-9"])
    def test_takes_amounts_however_their_zeros_are_written(self, codec: Codec, amount: str) -> None:
        order = an_order(grand_total=usd(amount))

        back = codec.decode(ORDERS, codec.encode(ORDERS, order))

        assert isinstance(back, Order)
        assert back.grand_total == usd(amount)

    def test_turns_times_into_utc_milliseconds(self, codec: Codec) -> None:
        tokyo = timezone(timedelta(hours=9))
        order = an_order(purchased_at=datetime(2026, 11, 23, 21, 0, 0, 123_999, tzinfo=tokyo))

        back = codec.decode(ORDERS, codec.encode(ORDERS, order))

        assert isinstance(back, Order)
        assert back.purchased_at == NOON + timedelta(milliseconds=123)
        assert back.purchased_at.tzinfo is UTC

    def test_takes_the_name_in_the_list_and_the_name_in_kafka(self) -> None:
        codec = a_codec(prefix="t1-")
        order = an_order()

        assert codec.decode("t1-amazon.orders", codec.encode(ORDERS, order)) == order
        assert codec.decode("t1-amazon.orders.mapper.dlq", codec.encode(ORDERS, order)) == order


class TestEncode:
    def test_writes_single_object_encoding_without_a_registry(self, codec: Codec) -> None:
        value = codec.encode(ORDERS, an_order())

        assert value[:2] == b"\xc3\x01"
        assert value[2:10] == project_schemas().current("isthmus.amazon.Order").fingerprint

    @pytest.mark.parametrize(
        ("order", "path", "words"),
        [
            (an_order(updated_at=datetime(2026, 1, 1)), "$.updated_at", "timezone"),  # noqa: DTZ001
            (
                an_order(items=(an_order_item(quantity_ordered=-1),)),
                "$.items[0].quantity_ordered",
                ">= 0",
            ),
            (
                an_order(items=(an_order_item(quantity_ordered=2**31),)),
                "$.items[0].quantity_ordered",
                "<= 2147483647",
            ),
            (an_order(status=None), "$.status", "Expected `str`, got `null`"),
        ],
    )
    def test_refuses_what_could_not_be_read_back(
        self, codec: Codec, order: Order, path: str, words: str
    ) -> None:
        with pytest.raises(Unencodable) as refused:
            codec.encode(ORDERS, order)

        assert refused.value.path == path
        assert words in refused.value.detail
        assert refused.value.reason_class == "unencodable"

    def test_does_not_quote_what_it_refuses(self, codec: Codec) -> None:
        order = an_order(ship_state=f"{SECRET}\ud800")

        with pytest.raises(Unencodable) as refused:
            codec.encode(ORDERS, order)

        assert "UnicodeEncodeError" in str(refused.value)
        assert SECRET not in str(refused.value)

    def test_refuses_a_record_of_another_topic(self, codec: Codec) -> None:
        with pytest.raises(TypeError, match=r"Item does not belong into amazon\.orders"):
            codec.encode(ORDERS, a_netsuite_item())

    def test_refuses_a_topic_that_is_not_in_the_list(self, codec: Codec) -> None:
        with pytest.raises(UnknownTopic, match=r"amazon\.orderz"):
            codec.encode("amazon.orderz", an_order())


class TestDecode:
    @pytest.mark.parametrize(
        ("value", "cause", "place"),
        [
            (None, Cause.NULL_VALUE, ""),
            (b"", Cause.BAD_MAGIC, "byte 0"),
            (b'{"order_id": 1}', Cause.BAD_MAGIC, "byte 0"),
            (b"\xc3\x02 almost", Cause.BAD_MAGIC, "byte 0"),
            (b"\xc3\x01\x00\x00", Cause.TRUNCATED, "byte 4"),
            (b"\x00\x00\x00", Cause.TRUNCATED, "byte 3"),
            (b"\xc3\x01" + b"\xaa" * 20, Cause.UNKNOWN_SCHEMA, "byte 0"),
            (b"\x00\x00\x00\x00\x07rest", Cause.UNKNOWN_SCHEMA, "byte 0"),
        ],
    )
    def test_tells_what_is_wrong_before_the_record(
        self, codec: Codec, value: bytes | None, cause: Cause, place: str
    ) -> None:
        error = undecodable(codec, ORDERS, value)

        assert (error.cause, error.path) == (cause, place)
        assert error.reason_class == cause.value

    def test_refuses_a_record_of_another_topic(self, codec: Codec) -> None:
        error = undecodable(codec, ORDERS, codec.encode(ITEMS, a_netsuite_item()))

        assert error.cause is Cause.WRONG_RECORD
        assert "isthmus.netsuite.Item" in error.detail

    def test_tells_release_markers_from_records_in_a_retry_topic(self, codec: Codec) -> None:
        order, release = an_order(), a_release()

        assert codec.decode(RETRY, codec.encode(ORDERS, order)) == order
        assert codec.decode(RETRY, codec.encode(RETRY, release)) == release
        assert undecodable(codec, ORDERS, codec.encode(RETRY, release)).cause is Cause.WRONG_RECORD

    def test_never_takes_a_part_for_the_whole(self, codec: Codec) -> None:
        value = codec.encode(ORDERS, an_order(sections=("LAST-STRING",)))

        for length in range(10, len(value)):
            error = undecodable(codec, ORDERS, value[:length])
            assert error.cause is Cause.TRUNCATED, length
            assert error.path == f"byte {length}"

    def test_takes_a_string_cut_in_the_middle_for_cut(self, codec: Codec) -> None:
        # The last field: nothing behind it would notice.
        value = codec.encode(RETRY, a_release())
        item = codec.encode("isthmus.audit", _audit(detail="a long sentence"))

        assert undecodable(codec, "isthmus.audit", item[:-3]).cause is Cause.TRUNCATED
        assert undecodable(codec, RETRY, value[:-1]).cause is Cause.TRUNCATED

    def test_refuses_bytes_behind_the_record(self, codec: Codec) -> None:
        value = codec.encode(ORDERS, an_order())

        error = undecodable(codec, ORDERS, value + b"\x00")

        assert error.cause is Cause.TRAILING_BYTES
        assert error.path == f"byte {len(value)}"

    @pytest.mark.parametrize(
        ("field", "value", "place", "words"),
        [
            ("quantity_ordered", -1, "$.items[0].quantity_ordered", ">= 0"),
            ("unit_price", {"amount": Decimal(1), "currency": ""}, "$.items[0].unit_price", "curr"),
            (
                "unit_price",
                {"amount": Decimal(1), "currency": "usd"},
                "$.items[0].unit_price",
                "cu",
            ),
        ],
    )
    def test_tells_the_field_of_a_value_that_cannot_be(
        self, codec: Codec, field: str, value: object, place: str, words: str
    ) -> None:
        content = _content(an_order())
        content["items"][0][field] = value

        error = undecodable(codec, ORDERS, raw("isthmus.amazon.Order", content))

        assert (error.cause, error.path) == (Cause.INVALID_VALUE, place)
        assert words in error.detail

    def test_refuses_a_time_beyond_the_calendar(self, codec: Codec) -> None:
        content = _content(an_order()) | {"purchased_at": 2**60}

        error = undecodable(codec, ORDERS, raw("isthmus.amazon.Order", content))

        assert error.cause is Cause.UNREADABLE

    def test_refuses_an_amount_beyond_its_precision(self, codec: Codec) -> None:
        unscaled = (10**22 + 1).to_bytes(12, "big", signed=True)
        content = _content(an_order())
        content["grand_total"] = ("isthmus.Money", {"amount": unscaled, "currency": "USD"})

        error = undecodable(codec, ORDERS, raw("isthmus.amazon.Order", content))

        assert error.cause is Cause.INVALID_VALUE
        assert "out of range" in error.detail

    @given(place=st.integers(min_value=0), byte=st.integers(min_value=0, max_value=255))
    @settings(max_examples=500, deadline=None)
    def test_never_fails_otherwise_whatever_byte_is_wrong(self, place: int, byte: int) -> None:
        codec = a_codec()
        value = bytearray(codec.encode(ORDERS, an_order(ship_by=NOON, buyer=b"sealed")))
        value[place % len(value)] = byte

        with contextlib.suppress(Undecodable):
            assert isinstance(codec.decode(ORDERS, bytes(value)), Order)

    @given(tail=st.binary(max_size=200))
    @settings(max_examples=500, deadline=None)
    def test_never_fails_otherwise_on_noise(self, tail: bytes) -> None:
        codec = a_codec()
        prefix = codec.encode(ORDERS, an_order())[:10]

        with pytest.raises(Undecodable):
            codec.decode(ORDERS, prefix + tail)


class TestEvolution:
    def test_reads_what_an_older_release_wrote(self, codec: Codec) -> None:
        [old] = [
            one for one in project_schemas().versions if one.path and "Item.1" in one.path.name
        ]
        content = _content(a_netsuite_item())
        del content["display_name"]

        item = codec.decode(ITEMS, _written(old, content))

        assert item == a_netsuite_item(display_name=None)

    def test_reads_what_a_newer_release_wrote_if_the_registry_knows_it(self) -> None:
        newer = _newer_item()
        codec = a_codec(registry=FakeRegistry({9: newer}))
        content = _content(a_netsuite_item()) | {"weight": "1 kg"}

        item = codec.decode(ITEMS, _written(newer, content, prefix=framing.confluent(9)))

        assert item == a_netsuite_item()

    def test_promotes_what_a_version_wrote_with_another_type(self) -> None:
        written, current = _with_secret("string"), _with_secret("bytes")
        reader = AvroReader(written=written, current=current, struct=Secret)

        assert reader.read(_written(written, {"secret": "é"}), 10) == Secret(secret="é".encode())


class Secret(msgspec.Struct, frozen=True):
    """A record of which two versions differ in a type."""

    secret: bytes


class TestRegistry:
    def test_gives_the_prefix_that_every_kafka_tool_reads(self) -> None:
        registry = FakeRegistry({})
        codec = a_codec(prefix="t1-", registry=registry)

        value = codec.encode(ORDERS, an_order())

        assert value[:5] == b"\x00\x00\x00\x00\x01"
        assert registry.asked == ["t1-amazon.orders isthmus.amazon.Order"]
        assert codec.decode(ORDERS, value) == an_order()

    def test_is_asked_once_for_each_schema(self) -> None:
        registry = FakeRegistry({})
        codec = a_codec(registry=registry)

        for _ in range(3):
            codec.decode(ORDERS, codec.encode(ORDERS, an_order()))

        assert registry.asked == ["amazon.orders isthmus.amazon.Order", "1"]

    def test_may_be_away_once_a_schema_is_known(self) -> None:
        registry = FakeRegistry({})
        codec = a_codec(registry=registry)
        value = codec.encode(ORDERS, an_order())
        codec.decode(ORDERS, value)

        registry.is_away = True

        assert codec.decode(ORDERS, value) == an_order()
        assert codec.encode(ORDERS, an_order()) == value

    def test_must_be_there_for_a_schema_that_is_not_known(self) -> None:
        registry = FakeRegistry({9: project_schemas().current("isthmus.netsuite.Item")})
        registry.is_away = True
        codec = a_codec(registry=registry)

        with pytest.raises(Retryable):
            codec.encode(ORDERS, an_order())
        with pytest.raises(Retryable):
            codec.decode(ITEMS, framing.confluent(9) + b"...")

    def test_is_not_needed_for_single_object_encoding(self) -> None:
        registry = FakeRegistry({})
        registry.is_away = True

        value = a_codec().encode(ORDERS, an_order())

        assert a_codec(registry=registry).decode(ORDERS, value) == an_order()

    def test_is_asked_at_the_start_for_what_will_be_written(self) -> None:
        registry = FakeRegistry({})

        a_codec(registry=registry).prepare([COMMANDS, RETRY])

        assert registry.asked == [
            "netsuite.order-commands isthmus.netsuite.OrderCommand",
            "amazon.orders.mapper.retry isthmus.amazon.Order",
            "amazon.orders.mapper.retry isthmus.control.Release",
        ]


class TestCodec:
    def test_refuses_to_start_without_a_struct_for_a_record(self) -> None:
        with pytest.raises(ConfigurationError, match="of which there is no struct"):
            Codec(schemas=project_schemas(), topology=project_topology(), types={})

    def test_takes_records_of_others(self) -> None:
        types = {"isthmus.netsuite.Item": Item}
        topology = project_topology()
        only = {"netsuite.items": topology.topic("netsuite.items")}

        codec = Codec(schemas=project_schemas(), topology=type(topology)(topics=only), types=types)

        assert codec.decode(ITEMS, codec.encode(ITEMS, a_netsuite_item())) == a_netsuite_item()


class TestThreads:
    def test_never_are_the_first_to_use_a_struct(self) -> None:
        # msgspec resolves the annotations of a struct at its first use, and crashes when threads
        # race for it. Here a later first use would fail: the annotation has lost its meaning.
        globals()["MeaningOfToday"] = str
        today = msgspec.defstruct("Item", [("sku", "MeaningOfToday")], module=__name__)
        types = {**RECORDS, "isthmus.netsuite.Item": today}
        codec = Codec(schemas=project_schemas(), topology=project_topology(), types=types)
        value = a_codec().encode(ITEMS, a_netsuite_item("SKU-7"))
        del globals()["MeaningOfToday"]

        item = codec.decode(ITEMS, value)

        assert msgspec.structs.asdict(item) == {"sku": "SKU-7"}


class TestFingerprint:
    def test_is_that_of_the_avro_specification(self) -> None:
        # The specification's CRC-64-AVRO of "int", 7275d51a3f395c8f, least byte first.
        canonical = fastavro.schema.to_parsing_canonical_form("int")

        assert fastavro.schema.fingerprint(canonical, "CRC-64-AVRO") == "8f5c393f1ad57572"


class FakeRegistry:
    """Numbers schemas as they come."""

    def __init__(self, known: dict[int, Schema]) -> None:
        self.known = known
        self.asked: list[str] = []
        self.is_away = False

    def id_of(self, *, topic: str, schema: Schema) -> int:
        self._answer(f"{topic} {schema.name}")
        number = len(self.known) + 1
        self.known[number] = schema
        return number

    def schema(self, schema_id: int) -> Schema:
        self._answer(str(schema_id))
        return self.known[schema_id]

    def _answer(self, question: str) -> None:
        if self.is_away:
            raise Retryable("nobody answers")
        self.asked.append(question)


def _content(value: msgspec.Struct) -> dict[str, Any]:
    content = msgspec.to_builtins(value, builtin_types=(Decimal, datetime, date, bytes))
    assert isinstance(content, dict)
    return content


def _written(schema: Schema, content: dict[str, Any], *, prefix: bytes = b"") -> bytes:
    stream = io.BytesIO()
    stream.write(prefix or framing.single_object(schema.fingerprint))
    fastavro.schemaless_writer(stream, schema.parsed, content)
    return stream.getvalue()


def _newer_item() -> Schema:
    definition = dict(project_schemas().current("isthmus.netsuite.Item").definition)
    weight = {"name": "weight", "type": ["null", "string"], "default": None, "doc": "Weight."}
    return parse(definition | {"fields": [*definition["fields"], weight]})


def _with_secret(avro: str) -> Schema:
    field = {"name": "secret", "type": avro}
    return parse({"type": "record", "name": "isthmus.Secret", "fields": [field]})


def _audit(*, detail: str) -> msgspec.Struct:
    return Audit(at=NOON, by="kim", action="replay", topic="t", group="g", key="k", detail=detail)
