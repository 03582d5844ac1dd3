"""A loop that hangs in a call is ended from outside of it."""

from __future__ import annotations

from isthmus.kafka import promise
from isthmus.kafka.liveness import GRACE_S, Liveness
from isthmus.kafka.promise import Promise
from isthmus.ops.health import Heartbeat
from isthmus.ops.shutdown import Shutdown
from isthmus.testing.clock import VirtualClock

BOUND_S = 300.0
DRAIN_S = 25.0


class Watched:
    """A loop that turned just now, and its watch."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.heartbeat = Heartbeat(self.clock)
        self.heartbeat.beat()
        self.shutdown = Shutdown(drain_s=DRAIN_S, clock=self.clock)
        self.promise = Promise(self.clock)
        self.liveness = Liveness(
            self.heartbeat, self.shutdown, self.clock, self.promise, bound_s=BOUND_S
        )


class TestLiveness:
    def test_is_content_while_the_loop_turns(self) -> None:
        watched = Watched()
        watched.clock.advance(BOUND_S - 1)
        assert not watched.liveness.hangs()

        watched.heartbeat.beat()
        watched.clock.advance(BOUND_S - 1)

        assert not watched.liveness.hangs()

    def test_sees_a_loop_that_turns_no_more(self) -> None:
        watched = Watched()

        watched.clock.advance(BOUND_S + 1)

        assert watched.liveness.hangs()

    def test_sees_a_call_to_kafka_that_breaks_its_promise(self) -> None:
        watched = Watched()

        with watched.promise.within(30):
            watched.clock.advance(30 + promise.GRACE_S)
            patient = not watched.liveness.hangs()
            watched.clock.advance(1)
            hangs = watched.liveness.hangs()

        assert patient
        assert hangs
        assert not watched.liveness.hangs()

    def test_gives_a_drain_the_time_that_it_has_and_no_more(self) -> None:
        watched = Watched()
        watched.clock.advance(BOUND_S - 1)
        watched.shutdown.request("test")

        watched.clock.advance(DRAIN_S)
        in_time = watched.liveness.hangs()
        watched.clock.advance(GRACE_S + 1)

        assert (in_time, watched.liveness.hangs()) == (False, True)
