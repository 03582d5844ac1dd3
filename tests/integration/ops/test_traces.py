"""One trace from the fact to the sink, sent to a collector."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from isthmus.kafka.local import KafkaCluster
from isthmus.ops.settings import KafkaSettings

from .world import SINK, STAGE, World, running

TRACE = "0af7651916cd43dd8448eb211c80319c"
KEY = "111-7654321-7654321"
CONSUMED = "isthmus_kafka_consumed_total"


class Collector(BaseHTTPRequestHandler):
    """Keeps what OTLP exporters send."""

    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[str]:
    """Give the address of a collector."""
    Collector.bodies = []
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces"
        server.shutdown()
        thread.join(10)


def received() -> list[Span]:
    """Return all spans that came, in the order of their beginnings."""
    spans: list[Span] = []
    for body in Collector.bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            spans += [span for scope in resource.scope_spans for span in scope.spans]
    return sorted(spans, key=lambda span: span.start_time_unix_nano)


@pytest.mark.kafka
@pytest.mark.timeout(400)
class TestATrace:
    def test_goes_through_stage_and_sink(
        self, kafka: KafkaCluster, tmp_path: Path, unique: str, collector: str
    ) -> None:
        settings = KafkaSettings(
            bootstrap_servers=kafka.bootstrap_servers, session_timeout_s=6, max_poll_interval_s=30
        )
        world = World.made(settings, folder=tmp_path, prefix=f"{unique}.")
        world.put((KEY, "ok"), headers=[("traceparent", f"00-{TRACE}-b7ad6b7169203331-01")])

        for workload in (STAGE, SINK):
            process = world.process(workload, otlp_endpoint=collector)
            with running(process) as worker:
                worker.shows(CONSUMED, 1)
                worker.shows("isthmus_kafka_processed_total", 1, outcome="ok")
            process.tracing.close(within_s=20)

        spans = received()
        ours = [span for span in spans if span.trace_id.hex() == TRACE]
        assert [span.name for span in ours] == [
            f"{unique}.watched.facts process",
            f"{unique}.watched.commands process",
        ]
        stage, sink = ours
        assert stage.parent_span_id.hex() == "b7ad6b7169203331"
        assert sink.parent_span_id == stage.span_id
        linked = {
            span.name.removeprefix(f"{unique}.")
            for span in spans
            if TRACE in {link.trace_id.hex() for link in span.links}
        }
        assert linked == {"transaction commit", f"{STAGE} consume", f"{SINK} consume"}
        assert KEY.encode() not in b"".join(Collector.bodies)
