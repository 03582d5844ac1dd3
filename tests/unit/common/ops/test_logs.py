"""Logs: JSON lines with constant events, and no buyers in them."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from isthmus.ops.logs import configure, logger

pytestmark = pytest.mark.usefixtures("restored_logging")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> io.StringIO:
    out = io.StringIO()
    configure(service="mapper", slot=2, stream=out)
    return out


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class TestLogger:
    def test_writes_an_event_as_a_line_of_json(self, stream: io.StringIO) -> None:
        logger("kafka.sink").info("record.parked", topic="amazon.orders", partition=3)

        [line] = lines(stream)
        assert line.pop("timestamp").endswith("Z")
        assert line == {
            "event": "record.parked",
            "level": "info",
            "component": "kafka.sink",
            "service": "mapper",
            "slot": 2,
            "topic": "amazon.orders",
            "partition": 3,
        }

    def test_works_when_it_was_made_before_the_configuration(self) -> None:
        early, out = logger("early"), io.StringIO()

        configure(service="mapper", slot=0, stream=out)
        early.warning("here")

        assert lines(out)[0]["component"] == "early"

    def test_is_silent_below_its_level(self) -> None:
        out = io.StringIO()
        configure(service="mapper", slot=0, level="WARNING", stream=out)

        logger("x").info("unheard")

        assert out.getvalue() == ""

    def test_drops_personal_data_and_masks_addresses(self, stream: io.StringIO) -> None:
        logger("x").info("a.b", buyer_name="Jane", note="jane@example.com", order={"phone": "1"})

        [line] = lines(stream)
        assert (line["note"], line["order"]) == ("***", {})
        assert "Jane" not in stream.getvalue()

    def test_tells_where_an_error_came_from_without_quoting_it(self, stream: io.StringIO) -> None:
        try:
            raise KeyError("Jane Doe")
        except KeyError:
            logger("x").exception("a.b")

        [line] = lines(stream)
        assert line["level"] == "error"
        assert "test_logs.py" in line["exception"]
        assert "Jane" not in stream.getvalue()

    def test_survives_an_exception_log_without_an_exception(self, stream: io.StringIO) -> None:
        logger("x").exception("a.b")

        assert "exception" not in lines(stream)[0]

    def test_writes_readable_lines_to_a_terminal(self) -> None:
        out = Terminal()
        configure(service="mapper", slot=0, stream=out)

        logger("x").info("record.parked", buyer_name="Jane")

        assert "record.parked" in out.getvalue()
        assert not out.getvalue().startswith("{")
        assert "Jane" not in out.getvalue()


class TestLibraries:
    def test_log_under_one_constant_event(self, stream: io.StringIO) -> None:
        logging.getLogger("confluent").warning("broker %s is down, ask %s", 3, "jane@example.com")

        [line] = lines(stream)
        assert line["event"] == "library.log"
        assert line["component"] == "confluent"
        assert line["message"] == "broker 3 is down, ask ***"
        assert (line["level"], line["service"], line["slot"]) == ("warning", "mapper", 2)

    def test_have_their_errors_told_in_the_same_way(self, stream: io.StringIO) -> None:
        try:
            raise KeyError("Jane Doe")
        except KeyError:
            logging.getLogger("library").exception("oh")

        [line] = lines(stream)
        assert "builtins.KeyError: ***" in line["exception"]

    def test_are_silent_where_they_chat(self, stream: io.StringIO) -> None:
        logging.getLogger("httpx").info("HTTP Request: GET https://example.com/orders/1")

        assert stream.getvalue() == ""

    def test_are_written_once_after_a_second_configuration(self, stream: io.StringIO) -> None:
        configure(service="mapper", slot=2, stream=stream)

        logging.getLogger("library").warning("once")

        assert len(lines(stream)) == 1
