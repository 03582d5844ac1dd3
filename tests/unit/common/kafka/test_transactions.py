from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from isthmus.kafka.transactions import ATTEMPTS_MAX, Fenced, NotCommitted, Transactions
from isthmus.ops.clock import SystemClock


class Refusing:
    """Makes producers of which the first few are refused by the coordinator."""

    def __init__(self, error: KafkaError, *, times: int) -> None:
        self.error = error
        self.left = times
        self.made = 0

    def producer(self, _settings: object) -> Any:
        self.made += 1
        return self

    def init_transactions(self, _timeout_s: float) -> None:
        if self.left > 0:
            self.left -= 1
            raise KafkaException(self.error)


def transactions(clients: Any) -> Transactions:
    return Transactions(clients=clients, settings={}, clock=SystemClock(), call_timeout_s=1)


class TestOpen:
    def test_waits_for_the_end_of_a_transaction_that_the_former_owner_left(self) -> None:
        clients = Refusing(KafkaError(KafkaError.CONCURRENT_TRANSACTIONS), times=2)

        transactions(clients).open()

        assert clients.made == 3  # a producer whose start failed is never used again

    def test_gives_up_after_some_attempts(self) -> None:
        clients = Refusing(KafkaError(KafkaError._TIMED_OUT), times=ATTEMPTS_MAX)

        with pytest.raises(NotCommitted, match="is Kafka reachable"):
            transactions(clients).open()

    def test_is_fenced_at_once(self) -> None:
        clients = Refusing(KafkaError(KafkaError.PRODUCER_FENCED), times=1)

        with pytest.raises(Fenced):
            transactions(clients).open()

        assert clients.made == 1
