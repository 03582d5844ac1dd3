"""The port through which every request is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from isthmus.ops.metrics import Metrics

END: Final = "netsuite"


class CountCall(Protocol):
    """Takes note of one HTTP request, also of one that failed."""

    def __call__(self, *, operation: str, purpose: str, outcome: str, seconds: float) -> None:
        """Count it.

        :param operation: such as ``create salesOrder``; one of few.
        :param purpose: why, in the caller's word, such as ``post`` or ``look``.
        :param outcome: ``ok`` or the reason class of the error.
        """
        ...


def uncounted(*, operation: str, purpose: str, outcome: str, seconds: float) -> None:
    """Count nothing: for tools and tests."""


@dataclass(frozen=True, slots=True)
class CallMetrics:
    """Counts requests in the metrics of the process."""

    metrics: Metrics
    service: str

    def __call__(self, *, operation: str, purpose: str, outcome: str, seconds: float) -> None:
        """Count one request and its time."""
        labels = (self.service, END, operation, purpose, outcome)
        self.metrics.outside_calls.labels(*labels).inc()
        self.metrics.outside_calls_seconds.labels(*labels).observe(seconds)


_conforms: CountCall = uncounted
