"""The delivery reports that wait for the application to poll."""

from __future__ import annotations

from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException

from isthmus.kafka.clients import Delivered, Message

from . import messages
from .partition_log import Payload


class _Report(NamedTuple):
    error: KafkaError | None
    message: Message
    on_delivery: Delivered | None


class Outbox:
    """Holds a bounded number of reports."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._reports: list[_Report] = []

    def __len__(self) -> int:
        return len(self._reports)

    def check_room(self) -> None:
        """Let one more record in.

        :raises BufferError: if too many reports wait.
        """
        if len(self._reports) >= self._limit:
            raise BufferError("Local: Queue full")

    def add(
        self,
        where: tuple[str, int, int],
        payload: Payload,
        error: KafkaError | None,
        on_delivery: Delivered | None,
    ) -> None:
        """Keep the report of a record that is stored at ``where``, or refused with ``error``."""
        message = messages.of_report(where, payload, error)
        self._reports.append(_Report(error, message, on_delivery))

    def serve(self) -> int:
        """Call the callbacks in order and return how many reports there were."""
        reports, self._reports = self._reports, []
        for report in reports:
            if report.on_delivery is not None:
                report.on_delivery(report.error, report.message)
        return len(reports)

    def serve_with(self, fatal: KafkaError) -> None:
        """Raise a fatal error as ``poll`` and ``flush`` do.

        :raises KafkaException: the error.
        :raises SystemError: instead, caused by it, if callbacks wait: the client calls them with
            the exception already set, and Python cannot go on from that.
        """
        disturbed = any(report.on_delivery is not None for report in self._reports)
        self._reports = []
        if disturbed:
            raise SystemError("returned a result with an exception set") from KafkaException(fatal)
        raise KafkaException(fatal)
