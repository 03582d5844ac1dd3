"""Traces through headers, off and on."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from isthmus.ops.otlp import OtlpTracing
from isthmus.ops.tracing import Attributes, NoTracing, trace_headers, tracing_to

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01".encode(), "tracestate": b"vendor=1"}


class Collected:
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
def collected() -> Collected:
    return Collected()


class TestTraceHeaders:
    def test_are_the_three_of_w3c(self) -> None:
        headers = {**PARENT, "baggage": b"a=1", "ce_id": b"7"}

        assert trace_headers(headers) == {**PARENT, "baggage": b"a=1"}

    def test_are_read_from_pairs_too(self) -> None:
        pairs = [("traceparent", b"first"), ("tracestate", None), ("traceparent", b"last")]

        assert trace_headers(pairs) == {"traceparent": b"last"}

    def test_are_bounded(self) -> None:
        assert trace_headers({"baggage": b"x" * 10_000}) == {}


class TestNoTracing:
    def test_passes_the_trace_on(self) -> None:
        with NoTracing().span("x", parent={**PARENT, "ce_id": b"7"}) as span:
            span.note({"isthmus.outcome": "ok"})

        assert span.headers == PARENT

    def test_invents_no_trace(self) -> None:
        with NoTracing().span("x") as span:
            assert span.headers == {}

    def test_is_what_an_empty_address_means(self) -> None:
        tracing = tracing_to("", service="mapper", slot=0)

        assert isinstance(tracing, NoTracing)
        tracing.close(within_s=0)

    def test_loads_nothing_of_opentelemetry(self) -> None:
        program = (
            "import sys; from isthmus.ops.tracing import tracing_to;"
            "tracing_to('', service='mapper', slot=0);"
            "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
        )

        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class TestOtlpTracing:
    def test_continues_the_trace_of_the_parent(self, collected: Collected) -> None:
        with collected.tracing.span("orders process", parent=PARENT) as span:
            pass

        recorded = collected.only
        assert recorded.name == "orders process"
        assert recorded.parent is not None
        assert f"{recorded.parent.span_id:x}" == "b7ad6b7169203331"
        assert span.headers["traceparent"].startswith(f"00-{TRACE}-".encode())
        assert span.headers["traceparent"] != PARENT["traceparent"]
        assert span.headers["tracestate"] == b"vendor=1"

    def test_begins_a_trace_without_a_parent(self, collected: Collected) -> None:
        with collected.tracing.span("orders poll") as span:
            pass

        assert collected.only.parent is None
        assert span.headers["traceparent"].startswith(b"00-")

    @pytest.mark.parametrize("value", [b"", b"nonsense", b"00-\xff\xfe-1-1"])
    def test_begins_a_trace_when_the_parent_is_damaged(
        self, collected: Collected, value: bytes
    ) -> None:
        with collected.tracing.span("x", parent={"traceparent": value}):
            pass

        assert collected.only.parent is None

    def test_carries_baggage_on(self, collected: Collected) -> None:
        with collected.tracing.span("x", parent={**PARENT, "baggage": b"a=1"}) as span:
            pass

        assert span.headers["baggage"] == b"a=1"

    def test_links_a_batch_to_its_causes(self, collected: Collected) -> None:
        with collected.tracing.span("batch", links=[PARENT, {}, PARENT]):
            pass

        recorded = collected.only
        assert recorded.parent is None
        assert [f"{link.context.trace_id:032x}" for link in recorded.links] == [TRACE, TRACE]

    def test_records_attributes_from_the_list_alone(self, collected: Collected) -> None:
        personal = cast(Attributes, {"buyer.name": "Jane", "messaging.kafka.message.key": "x"})

        with collected.tracing.span("x", attributes={"messaging.system": "kafka"}) as span:
            span.note({"isthmus.outcome": "parked"})
            span.note(personal)

        assert dict(collected.only.attributes or {}) == {
            "messaging.system": "kafka",
            "isthmus.outcome": "parked",
        }

    def test_records_the_type_of_an_error_and_nothing_of_its_text(
        self, collected: Collected
    ) -> None:
        with pytest.raises(KeyError), collected.tracing.span("x"):
            raise KeyError("Jane Doe")

        recorded = collected.only
        assert dict(recorded.attributes or {}) == {"error.type": "KeyError"}
        assert recorded.events == ()
        assert "Jane" not in recorded.to_json()


class Collector(BaseHTTPRequestHandler):
    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[HTTPServer]:
    Collector.received = []
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


class TestTracingTo:
    def test_sends_spans_to_the_collector(self, collector: HTTPServer) -> None:
        address = f"http://127.0.0.1:{collector.server_port}/v1/traces"
        tracing = tracing_to(address, service="mapper", slot=3)

        with tracing.span("orders process", parent=PARENT):
            pass
        tracing.close(within_s=10)

        [(path, body)] = Collector.received
        assert path == "/v1/traces"
        assert b"mapper-3" in body
        assert b"orders process" in body
