"""Every request is counted."""

from __future__ import annotations

from isthmus.netsuite.calls import CallMetrics
from isthmus.ops.metrics import Metrics


class TestCallMetrics:
    def test_counts_and_measures_by_operation_purpose_and_outcome(self) -> None:
        metrics = Metrics()
        count = CallMetrics(metrics, "netsuite-writer")

        for _ in range(2):
            count(operation="create salesOrder", purpose="post", outcome="ok", seconds=5.2)

        labels = {
            "service": "netsuite-writer",
            "end": "netsuite",
            "operation": "create salesOrder",
            "purpose": "post",
            "outcome": "ok",
        }
        value = metrics.registry.get_sample_value
        assert value("isthmus_outside_calls_total", labels) == 2
        assert value("isthmus_outside_calls_seconds_sum", labels) == 10.4
