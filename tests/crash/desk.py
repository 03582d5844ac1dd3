"""The operator of a run: sends dead letters back, as ``isthmusctl dlq replay`` does."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from confluent_kafka import KafkaException

from isthmus.kafka import client_settings
from isthmus.kafka.codec import Codec
from isthmus.kafka.reader import Reader
from isthmus.kafka.real_clients import CONFLUENT
from isthmus.kafka.replay import Act, Desk, Operator, ReplayInProgress, by_key
from isthmus.kafka.topology import Topology
from isthmus.kafka.transactions import NotCommitted, Transactions
from isthmus.kafka.whole import NotReadInTime
from isthmus.ops.clock import SystemClock
from isthmus.ops.settings import KafkaSettings


class Replayer:
    """Sends the letters of one group back. Made once: its transactions have a name of their own."""

    def __init__(
        self, bootstrap: str, topology: Topology, codec: Codec, *, source: str, group: str
    ) -> None:
        settings = KafkaSettings(bootstrap_servers=bootstrap, call_timeout_s=20)
        clock = SystemClock()
        table = client_settings.table_consumer(settings, group=topology.group(group))
        self._operator = Operator(
            desk=Desk.of(topology, source, group),
            reader=Reader(
                CONFLUENT.consumer(table),
                lambda: CONFLUENT.admin(client_settings.connection(settings)),
            ),
            transactions=Transactions(
                clients=CONFLUENT,
                settings=client_settings.transactional_producer(
                    settings, transactional_id=f"operator-{group}"
                ),
                clock=clock,
                call_timeout_s=20,
            ),
            codec=codec,
            clock=clock,
        )

    def replay(self, most: int = 3) -> int:
        """Send the letters of a few keys back; return how many letters are open."""
        act = Act(by="conductor", at=datetime.now(UTC))  # noqa: TID251
        try:
            letters = self._operator.look()
            for batch in by_key(letters.open())[:most]:
                with suppress(ReplayInProgress):
                    self._operator.replay(letters, batch, act)
        except (NotReadInTime, NotCommitted, KafkaException):
            return 1  # a broker is down, or a transaction hangs: some may be open
        return len(letters.open())
