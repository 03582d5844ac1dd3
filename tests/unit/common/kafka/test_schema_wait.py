"""A schema may come later than the first record that is written with it."""

from __future__ import annotations

import msgspec
import pytest

from isthmus.core.errors import Retryable
from isthmus.kafka import framing
from isthmus.kafka.schema_wait import ASK_EVERY_S, SchemaWait
from isthmus.kafka.undecodable import Cause, NotRegistered, Undecodable
from isthmus.testing.builders import a_netsuite_item
from isthmus.testing.clock import VirtualClock

TOPIC = "netsuite.items"
VALUE = framing.confluent(7) + b"rest"


class Registry:
    """Knows the schema from some moment on, and counts the questions."""

    def __init__(self) -> None:
        self.knows = False
        self.questions = 0

    def decode(self, _topic: str, _value: bytes | None) -> msgspec.Struct:
        self.questions += 1
        if not self.knows:
            raise NotRegistered(7)
        return a_netsuite_item()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def wait(registry: Registry, clock: VirtualClock) -> SchemaWait:
    return SchemaWait(registry.decode, clock, bound_s=30)


def now_ms(clock: VirtualClock) -> int:
    return int(clock.now().timestamp() * 1000)


class TestSchemaWait:
    def test_lets_the_record_wait(self, wait: SchemaWait) -> None:
        with pytest.raises(Retryable, match="knows no schema 7") as told:
            wait.read(TOPIC, VALUE, first_failed_ms=None)

        assert told.value.reason_class == Cause.UNKNOWN_SCHEMA

    def test_reads_it_when_the_schema_has_come(
        self, wait: SchemaWait, registry: Registry, clock: VirtualClock
    ) -> None:
        with pytest.raises(Retryable):
            wait.read(TOPIC, VALUE, first_failed_ms=None)
        failed_ms = now_ms(clock)
        registry.knows = True
        clock.advance(ASK_EVERY_S)

        assert wait.read(TOPIC, VALUE, first_failed_ms=failed_ms) == a_netsuite_item()

    def test_ends_with_a_dead_letter(self, wait: SchemaWait, clock: VirtualClock) -> None:
        failed_ms = now_ms(clock)
        clock.advance(30)

        with pytest.raises(Undecodable) as told:
            wait.read(TOPIC, VALUE, first_failed_ms=failed_ms)

        assert told.value.cause is Cause.UNKNOWN_SCHEMA

    def test_asks_once_a_second_however_many_records_come(
        self, wait: SchemaWait, registry: Registry, clock: VirtualClock
    ) -> None:
        for _ in range(100):
            with pytest.raises(Retryable):
                wait.read(TOPIC, VALUE, first_failed_ms=None)
            clock.advance(0.02)

        assert registry.questions == 2

    def test_is_short_when_the_clock_is_fast(self, registry: Registry) -> None:
        clock = VirtualClock(factor=60)
        failed_ms = now_ms(clock)
        clock.advance(0.5)

        with pytest.raises(Undecodable):
            SchemaWait(registry.decode, clock, bound_s=30).read(
                TOPIC, VALUE, first_failed_ms=failed_ms
            )

    def test_is_no_wait_at_all_where_none_is_wanted(
        self, registry: Registry, clock: VirtualClock
    ) -> None:
        with pytest.raises(Undecodable):
            SchemaWait(registry.decode, clock, bound_s=0).read(TOPIC, VALUE, first_failed_ms=None)
