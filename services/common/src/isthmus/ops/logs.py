"""Logs: one JSON object per line on stdout, events with constant names, no buyers.

    log = logger("kafka.sink")
    log.info("record.parked", topic=topic, partition=partition, offset=offset)

What other libraries log through ``logging`` becomes the event ``library.log``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Final, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from isthmus.ops.privacy import permitted, traceback_of

LIBRARY_EVENT: Final = "library.log"
LIBRARY_LEVELS: Final[Mapping[str, int]] = {
    "uvicorn": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "urllib3": logging.WARNING,
}


def logger(component: str) -> FilteringBoundLogger:
    """Return the logger of a part of the program; may be called at import."""
    return cast(FilteringBoundLogger, structlog.get_logger(component=component))


def configure(
    *, service: str, slot: int, level: str = "INFO", stream: TextIO | None = None
) -> None:
    """Send the logs of this process to a stream (default: stdout), each with service and slot.

    A terminal gets readable lines, anything else JSON.
    """
    out = sys.stdout if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level]
    render = _renderer(is_terminal=out.isatty())
    shared = _processors(service=service, slot=slot)
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=out),
    )
    _bridge_libraries(out, threshold=threshold, shared=shared, render=render)


def _processors(*, service: str, slot: int) -> list[Processor]:
    def with_identity(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"service": service, "slot": slot, **event}

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        with_identity,
        _with_traceback,
        _without_personal_data,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _with_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error and not isinstance(error, BaseException):
        error = sys.exc_info()[1]
    if error:
        event["exception"] = traceback_of(error)
    return event


def _without_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return permitted(event)


def _renderer(*, is_terminal: bool) -> Processor:
    if is_terminal:
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _bridge_libraries(
    out: TextIO, *, threshold: int, shared: list[Processor], render: Processor
) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                _as_library_event,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *shared,
                render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name, level in LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(max(level, threshold))


def _as_library_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    return {
        **event,
        "event": LIBRARY_EVENT,
        "component": record.name,
        "message": event["event"],
    }
