"""Spans around a record's work, and what they may not say."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from isthmus.core.errors import Rejected
from isthmus.kafka.execution import Failed
from isthmus.kafka.item import Item, Origin
from isthmus.kafka.letters import Stage, Write
from isthmus.kafka.traced import LINKS_MAX, causes, traced
from isthmus.kafka.transactions import Transactions
from isthmus.ops.otlp import OtlpTracing
from isthmus.ops.tracing import NoTracing
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01".encode()


class Recorded:
    """Tracing into memory."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracing = OtlpTracing(provider)

    @property
    def only(self) -> ReadableSpan:
        [span] = self._exporter.get_finished_spans()
        return span


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def an_item() -> Item:
    origin = Origin("amazon.orders", 3, 7)
    return Item(origin, 7, b"acme/111-1", b"Jane Doe", [("traceparent", PARENT)], timestamp_ms=0)


def copied(item: Item) -> list[Write]:
    return [Write("commands", -1, item.key, item.value, [("ce_id", b"1"), *item.headers])]


def refused(_item: Item) -> list[Write]:
    raise Failed(Stage.PRODUCE, Rejected("of Jane Doe", reason_class="no"))


class TestTraced:
    def test_continues_the_trace_of_the_record_into_its_outputs(self, recorded: Recorded) -> None:
        [write] = traced(copied, recorded.tracing, group="mapper")(an_item())

        span = recorded.only
        assert span.parent is not None
        assert f"{span.parent.span_id:x}" == "b7ad6b7169203331"
        [carried] = [value for name, value in write.headers if name == "traceparent"]
        assert carried == f"00-{TRACE}-{span.context.span_id:016x}-01".encode()
        assert ("ce_id", b"1") in write.headers

    def test_names_the_place_and_nothing_else(self, recorded: Recorded) -> None:
        traced(copied, recorded.tracing, group="mapper")(an_item())

        assert recorded.only.name == "amazon.orders process"
        assert dict(recorded.only.attributes or {}) == {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.consumer.group.name": "mapper",
            "messaging.destination.name": "amazon.orders",
            "messaging.destination.partition.id": "3",
            "messaging.kafka.offset": 7,
            "isthmus.effect_id": "amazon.orders/3/7",
        }

    def test_tells_the_type_of_what_failed_and_lets_it_through(self, recorded: Recorded) -> None:
        with pytest.raises(Failed):
            traced(refused, recorded.tracing, group="mapper")(an_item())

        assert (recorded.only.attributes or {})["error.type"] == "Rejected"
        assert not recorded.only.status.is_ok
        assert "Jane" not in recorded.only.to_json()

    def test_is_the_work_itself_when_tracing_is_off(self) -> None:
        assert traced(copied, NoTracing(), group="mapper") is copied


class TestACommit:
    def test_is_linked_to_the_traces_of_what_it_writes(self, recorded: Recorded) -> None:
        cluster = FakeCluster(clock=VirtualClock())
        cluster.create_topic("commands")
        transactions = Transactions(
            clients=cluster,
            settings={"bootstrap.servers": "x:1", "transactional.id": "mapper-0"},
            clock=VirtualClock(),
            call_timeout_s=1,
            tracing=recorded.tracing,
        )

        transactions.commit(copied(an_item()), offsets=None, was_committed=lambda: False)

        [link] = recorded.only.links
        assert f"{link.context.trace_id:032x}" == TRACE
        assert recorded.only.name == "transaction commit"
        assert dict(recorded.only.attributes or {}) == {"messaging.batch.message_count": 1}

    def test_has_a_bounded_number_of_links(self) -> None:
        assert len(causes([("traceparent", PARENT)] for _ in range(1000))) == LINKS_MAX
