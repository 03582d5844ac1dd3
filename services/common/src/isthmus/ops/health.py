"""Health and metrics over HTTP, on a port and a thread of their own.

``/healthz`` asks whether the loop still turns and never asks Kafka: an outage of the brokers must
not restart the fleet. ``/readyz`` tells why the process is not ready, ``/metrics`` is for
Prometheus.
"""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from isthmus.ops.clock import Clock
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.logs import logger
from isthmus.ops.metrics import Metrics

if TYPE_CHECKING:
    import uvicorn

BACKLOG: Final = 32
STOP_S: Final = 3.0

Unready = Callable[[], Sequence[str]]

log = logger("ops.health")


class Heartbeat:
    """When the loop last turned."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = -math.inf

    def beat(self) -> None:
        """Note that the loop turns."""
        self._last = self._clock.monotonic()

    def age_seconds(self) -> float:
        """Return the seconds since the last turn; infinite before the first."""
        return self._clock.monotonic() - self._last


class HealthServer:
    """The HTTP server of a worker.

    :param port: 0 picks a free one; ``port`` then tells which.
    :param alive_within_s: the age of the heartbeat beyond which ``/healthz`` answers 503.
    :param unready: why the process is not ready; nothing = ready. Called in the server's thread:
        it must not block.
    """

    def __init__(
        self,
        *,
        port: int,
        metrics: Metrics,
        heartbeat: Heartbeat,
        alive_within_s: float,
        unready: Unready,
        host: str = "127.0.0.1",
    ) -> None:
        self.host: Final = host
        self.port = port
        self._metrics = metrics
        self._heartbeat = heartbeat
        self._alive_within_s = alive_within_s
        self._unready = unready
        self._stopped = threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Bind the port and answer from now on.

        Requests wait in the socket for the fraction of a second that the server takes to load:
        the worker itself does not wait for it.

        :raises ConfigurationError: the port is taken or not allowed.
        """
        listener = _bound(self.host, self.port)
        self.port = listener.getsockname()[1]
        self._thread = threading.Thread(
            target=self._serve, args=(listener,), name="health", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; returns within seconds even if a request hangs."""
        self._stopped.set()
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(STOP_S)
            if self._thread.is_alive():
                log.warning("health.stop-overdue", waited_s=STOP_S)

    def _serve(self, listener: socket.socket) -> None:
        try:
            with listener:
                # Imported here: half a second that a restarted worker must not wait for.
                from isthmus.ops.health_app import health_server  # noqa: PLC0415

                self._server = health_server(
                    metrics=self._metrics,
                    heartbeat=self._heartbeat,
                    alive_within_s=self._alive_within_s,
                    unready=self._unready,
                )
                if not self._stopped.is_set():
                    self._server.run(sockets=[listener])
        except Exception:
            # The socket is closed by now: the probes fail, and the cluster starts the pod anew.
            log.exception("health.failed", port=self.port)


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        what = f"port {port} of {host} cannot be had ({error.strerror})"
        remedy = "end the program that holds it, or set ISTHMUS_HTTP_PORT to another (0 = free)"
        raise ConfigurationError([Problem("ISTHMUS_HTTP_PORT", what, remedy)]) from error
