"""Spans by the OpenTelemetry SDK, sent by OTLP over HTTP. Loaded only when a collector is set."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, get_args

from opentelemetry import trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from isthmus.ops.tracing import Attribute, Attributes, Headers, Span, trace_headers

ALLOWED: Final = frozenset(get_args(Attribute))
QUEUE_MAX: Final = 4096
EXPORT_TIMEOUT_S: Final = 5.0

_PROPAGATOR: Final = CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()])


def otlp_tracing(endpoint: str, *, service: str, slot: int, ratio: float) -> OtlpTracing:
    """Return tracing that sends to a collector, in the background and from a bounded queue."""
    resource = Resource({"service.name": service, "service.instance.id": f"{service}-{slot}"})
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(ratio)), resource=resource, shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(endpoint, timeout=EXPORT_TIMEOUT_S)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=QUEUE_MAX))
    return OtlpTracing(provider)


class OtlpTracing:
    """Tracing through a provider of the SDK."""

    is_on: Final = True

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("isthmus")

    @contextmanager
    def span(
        self,
        name: str,
        *,
        parent: Headers = (),
        links: Iterable[Headers] = (),
        attributes: Attributes | None = None,
    ) -> Iterator[Span]:
        """Record a piece of work; an exception leaves its type and nothing of its text."""
        context = _extracted(parent)
        with self._tracer.start_as_current_span(
            name,
            context=context,
            links=list(_links(links)),
            record_exception=False,
            set_status_on_exception=False,
        ) as sdk_span:
            span = _Recorded(sdk_span, context)
            span.note(attributes or {})
            try:
                yield span
            except BaseException as error:
                span.fail(error)
                raise

    def close(self, *, within_s: float) -> None:
        """Send what is queued; a collector that hangs costs no more than the bound."""
        # The SDK's own shutdown waits for half a minute and more.
        closing = threading.Thread(target=self._provider.shutdown, name="otlp-close", daemon=True)
        closing.start()
        closing.join(within_s)


class _Recorded:
    def __init__(self, span: trace.Span, context: Context) -> None:
        self._span = span
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, context=trace.set_span_in_context(span, context))
        self.headers: Final = {name: value.encode() for name, value in carrier.items()}

    def note(self, attributes: Attributes) -> None:
        for name, value in attributes.items():
            if name in ALLOWED:
                self._span.set_attribute(name, value)

    def fail(self, error: BaseException) -> None:
        self.note({"error.type": type(error).__qualname__})
        self._span.set_status(trace.StatusCode.ERROR)


def _extracted(headers: Headers) -> Context:
    carrier = {
        name: value.decode("ascii", errors="replace")
        for name, value in trace_headers(headers).items()
    }
    return _PROPAGATOR.extract(carrier, context=Context())


def _links(causes: Iterable[Headers]) -> Iterator[trace.Link]:
    for headers in causes:
        cause = trace.get_current_span(_extracted(headers)).get_span_context()
        if cause.is_valid:
            yield trace.Link(cause)
