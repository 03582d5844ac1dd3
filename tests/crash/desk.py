"""The operators of a run: they send dead letters back, as ``isthmusctl dlq replay`` does."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from confluent_kafka import KafkaException

from isthmus.kafka import client_settings
from isthmus.kafka.codec import Codec
from isthmus.kafka.letterbox import Act
from isthmus.kafka.reader import Reader
from isthmus.kafka.real_clients import CONFLUENT
from isthmus.kafka.replay import Desk, Operator, ReplayInProgress, by_key
from isthmus.kafka.topology import Topology
from isthmus.kafka.transactions import NotCommitted, Transactions
from isthmus.kafka.whole import NotReadInTime
from isthmus.ops.clock import SystemClock
from isthmus.ops.settings import KafkaSettings

KEYS_MAX: Final = 100  # that are sent back at a time
PAUSE_S: Final = 2.0


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

    def replay(self) -> int:
        """Send the letters of many keys back; return how many letters were open."""
        act = Act(by="conductor", at=datetime.now(UTC))  # noqa: TID251
        try:
            letters = self._operator.look()
            for batch in by_key(letters.open())[:KEYS_MAX]:
                with suppress(ReplayInProgress):
                    self._operator.replay(letters, batch, act)
        except (NotReadInTime, NotCommitted, KafkaException):
            return 1  # a broker is down, or a transaction hangs: some may be open
        return len(letters.open())


class Operators:
    """Everybody at the desks: for as long as the run goes on, no letter lies for long.

    :raises RuntimeError: from :meth:`end`, if one of them gave up.
    """

    def __init__(self, replayers: Sequence[Replayer]) -> None:
        self._over = threading.Event()
        self._open: dict[Replayer, tuple[float, int]] = {}
        self._failures: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._work, args=[one], daemon=True) for one in replayers
        ]
        for thread in self._threads:
            thread.start()

    def found_nothing_since(self, moment: float) -> bool:
        """Tell whether each desk was looked at after this monotonic moment and was empty."""
        looks = list(self._open.values())
        return len(looks) == len(self._threads) and all(
            began > moment and not waiting for began, waiting in looks
        )

    def end(self) -> None:
        """Let them go home."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise RuntimeError("an operator gave up") from self._failures[0]

    def _work(self, replayer: Replayer) -> None:
        try:
            while not self._over.wait(PAUSE_S):
                began = time.monotonic()
                self._open[replayer] = (began, replayer.replay())
        except BaseException as error:  # noqa: BLE001 - told on the thread that ends the run
            self._failures.append(error)
