"""What an engineer on call finds in the log of a bug, and what nobody may find there."""

from __future__ import annotations

from typing import Any

from structlog.testing import capture_logs

from isthmus.core.errors import Rejected, Retryable
from isthmus.kafka.execution import Completion, attempt
from isthmus.kafka.failure_log import LINE_EVERY_S, STACK_EVERY_S, FailureLog
from isthmus.kafka.item import Item, Origin
from isthmus.kafka.letters import Write
from isthmus.testing.clock import VirtualClock

BUYER = "Jane Doe"


def an_item(offset: int = 7) -> Item:
    origin = Origin("amazon.orders", 3, offset)
    return Item(origin, offset, b"acme/1", BUYER.encode(), [], timestamp_ms=0)


def buggy_handler(item: Item) -> list[Write]:
    buyer = (item.value or b"").decode()
    raise KeyError(buyer)


def told(log: FailureLog, completion: Completion) -> list[Any]:
    with capture_logs() as events:
        log.tell(completion)
    return list(events)


class TestFailureLog:
    def test_tells_where_a_bug_is(self) -> None:
        [event] = told(FailureLog(VirtualClock()), attempt(buggy_handler, an_item()))

        assert event["event"] == "record.bug"
        assert event["effect_id"] == "amazon.orders/3/7"
        assert event["error"] == "KeyError"
        assert "in buggy_handler" in event["stack"]
        assert "test_failure_log.py" in event["stack"]

    def test_tells_nothing_of_the_record(self) -> None:
        [event] = told(FailureLog(VirtualClock()), attempt(buggy_handler, an_item()))

        assert "Jane" not in str(event)

    def test_tells_the_same_place_once_a_minute(self) -> None:
        clock = VirtualClock()
        log = FailureLog(clock)
        told(log, attempt(buggy_handler, an_item()))

        clock.advance(LINE_EVERY_S)
        [again] = told(log, attempt(buggy_handler, an_item(8)))
        clock.advance(STACK_EVERY_S)
        [later] = told(log, attempt(buggy_handler, an_item(9)))

        assert "buggy_handler" not in again["stack"]
        assert again["effect_id"] == "amazon.orders/3/8"
        assert "buggy_handler" in later["stack"]

    def test_tells_why_an_attempt_is_made_again(self) -> None:
        error = Retryable("NetSuite is away", reason_class="unreachable")

        [event] = told(FailureLog(VirtualClock()), Completion(an_item(), error=error))

        assert event["event"] == "record.failed"
        assert event["reason_class"] == "unreachable"
        assert "stack" not in event

    def test_tells_one_a_second_of_each_kind_and_how_many_it_left_out(self) -> None:
        clock = VirtualClock()
        log = FailureLog(clock)
        away = Retryable("NetSuite is away", reason_class="unreachable")
        busy = Retryable("NetSuite is busy", reason_class="throttled")

        at_once = [told(log, Completion(an_item(one), error=away)) for one in range(4)]
        other = told(log, Completion(an_item(4), error=busy))
        clock.advance(LINE_EVERY_S)
        [later] = told(log, Completion(an_item(5), error=away))

        assert [len(lines) for lines in at_once] == [1, 0, 0, 0]
        assert [one["reason_class"] for one in other] == ["throttled"]
        assert (later["effect_id"], later["untold"]) == ("amazon.orders/3/5", 3)

    def test_leaves_refusals_to_their_dead_letters(self) -> None:
        assert told(FailureLog(VirtualClock()), Completion(an_item(), error=Rejected("no"))) == []
