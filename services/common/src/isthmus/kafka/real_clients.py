"""The clients of confluent-kafka, as the port wants them."""

from __future__ import annotations

from typing import Final, cast

import confluent_kafka
import structlog
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from isthmus.kafka.clients import Admin, Clients, Consumer, Producer, Settings

QUIET: Final = 2  # librdkafka's own lines are not JSON; what matters comes by error_cb

log = structlog.get_logger(__name__)


class ConfluentClients:
    """Makes the real clients. Their background errors are logged; calls raise their own.

    Their types are wider than the port's (text where it says bytes), hence the casts; the contract
    suite holds them to the port.
    """

    def consumer(self, settings: Settings) -> Consumer:
        return cast(
            "Consumer",
            confluent_kafka.Consumer({**settings, "error_cb": _tell, "log_level": QUIET}),
        )

    def producer(self, settings: Settings) -> Producer:
        return cast(
            "Producer",
            confluent_kafka.Producer({**settings, "error_cb": _tell, "log_level": QUIET}),
        )

    def admin(self, settings: Settings) -> Admin:
        return cast("Admin", AdminClient({**settings, "log_level": QUIET}))


def _tell(error: KafkaError) -> None:
    # Each refused connection is an error here, twenty a second while a broker restarts; that all
    # of them are gone comes once.
    if error.code() != KafkaError._TRANSPORT:  # noqa: SLF001 - librdkafka's own code
        log.warning("kafka.client", error=str(error))


CONFLUENT: Clients = ConfluentClients()
