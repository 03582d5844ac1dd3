"""Health and metrics over HTTP, asked as a kubelet and Prometheus ask."""

from __future__ import annotations

import http.client
import json
import math
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.health import HealthServer, Heartbeat
from isthmus.ops.metrics import Metrics
from isthmus.testing.clock import VirtualClock

ALIVE_WITHIN_S = 300


class Readiness:
    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.is_broken = False

    def __call__(self) -> Sequence[str]:
        if self.is_broken:
            raise RuntimeError("Jane Doe")
        return self.reasons


class Worker:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.heartbeat = Heartbeat(self.clock)
        self.metrics = Metrics()
        self.readiness = Readiness()
        self.server = self.another(port=0)

    def another(self, *, port: int) -> HealthServer:
        return HealthServer(
            port=port,
            metrics=self.metrics,
            heartbeat=self.heartbeat,
            alive_within_s=ALIVE_WITHIN_S,
            unready=self.readiness,
        )

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask(self, path: str) -> tuple[int, Any]:
        status, body = self.get(path)
        return status, json.loads(body)


@pytest.fixture(scope="module")
def running() -> Iterator[Worker]:
    worker = Worker()
    worker.server.start()
    yield worker
    worker.server.stop()


@pytest.fixture
def worker(running: Worker) -> Worker:
    running.heartbeat.beat()
    running.readiness.reasons = []
    running.readiness.is_broken = False
    return running


class TestHeartbeat:
    def test_is_infinitely_old_before_the_first(self) -> None:
        assert Heartbeat(VirtualClock()).age_seconds() == math.inf

    def test_tells_the_time_since_the_last(self) -> None:
        clock = VirtualClock()
        heartbeat = Heartbeat(clock)
        heartbeat.beat()

        clock.advance(7)

        assert heartbeat.age_seconds() == 7


class TestHealthz:
    def test_is_200_while_the_loop_turns(self, worker: Worker) -> None:
        worker.clock.advance(ALIVE_WITHIN_S - 1)

        status, answer = worker.ask("/healthz")

        assert (status, answer["alive"], answer["poll_age_seconds"]) == (200, True, 299)

    def test_is_503_once_the_loop_is_stuck(self, worker: Worker) -> None:
        worker.clock.advance(ALIVE_WITHIN_S)

        status, answer = worker.ask("/healthz")

        assert (status, answer["alive"]) == (503, False)

    def test_is_200_while_the_process_is_not_ready(self, worker: Worker) -> None:
        worker.readiness.reasons = ["Kafka does not answer"]

        assert worker.ask("/healthz")[0] == 200

    def test_is_503_before_the_first_turn(self) -> None:
        worker = Worker()
        worker.server.start()
        try:
            status, answer = worker.ask("/healthz")
        finally:
            worker.server.stop()

        assert (status, answer["poll_age_seconds"]) == (503, None)


class TestReadyz:
    def test_is_200_without_reasons(self, worker: Worker) -> None:
        assert worker.ask("/readyz") == (200, {"ready": True, "reasons": []})

    def test_tells_the_reasons(self, worker: Worker) -> None:
        worker.readiness.reasons = ["the tables are being read"]

        status, answer = worker.ask("/readyz")

        assert (status, answer["reasons"]) == (503, ["the tables are being read"])

    def test_is_503_when_the_check_itself_fails(self, worker: Worker) -> None:
        worker.readiness.is_broken = True

        status, body = worker.get("/readyz")

        assert status == 503
        assert b"Jane" not in body


class TestMetricsEndpoint:
    def test_shows_the_metrics(self, worker: Worker) -> None:
        worker.metrics.rebalances.labels(group="mapper", type="assign").inc()

        status, body = worker.get("/metrics")

        assert status == 200
        assert b'isthmus_kafka_rebalances_total{group="mapper",type="assign"}' in body


class TestHealthServer:
    def test_shows_nothing_else(self, worker: Worker) -> None:
        assert worker.get("/docs")[0] == 404
        assert worker.get("/openapi.json")[0] == 404

    def test_says_which_port_is_taken(self, worker: Worker) -> None:
        second = worker.another(port=worker.server.port)

        with pytest.raises(ConfigurationError, match=f"port {worker.server.port} .* in use"):
            second.start()

    def test_gives_the_port_back_when_it_stops(self) -> None:
        server = Worker().server
        server.start()

        server.stop()

        with socket.create_server(("127.0.0.1", server.port)):
            pass

    def test_may_be_stopped_before_it_was_started(self) -> None:
        Worker().server.stop()
