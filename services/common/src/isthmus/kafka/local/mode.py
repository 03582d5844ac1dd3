"""Which Kafka: the one setting and its three forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from isthmus.kafka.local.errors import LocalKafkaUnavailable

_ADDRESS: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_PORT_MAX: Final = 65_535


class Kind(StrEnum):
    """The three ways to have a Kafka."""

    EMBEDDED = "embedded"
    CONTAINER = "container"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to have a Kafka; with kind ``ADDRESS`` also where it is."""

    kind: Kind
    bootstrap_servers: str = ""


def parse_mode(text: str) -> Mode:
    """Read ``embedded``, ``container`` or ``host:port[,host:port]``.

    :raises LocalKafkaUnavailable: it is none of them.
    """
    if text in (Kind.EMBEDDED, Kind.CONTAINER):
        return Mode(Kind(text))
    addresses = [part.strip() for part in text.split(",")]
    if not all(_is_address(address) for address in addresses):
        raise LocalKafkaUnavailable(
            f"ISTHMUS_KAFKA_MODE is {text!r}",
            remedy="set it to embedded, container or host:port[,host:port]",
        )
    return Mode(Kind.ADDRESS, ",".join(addresses))


def _is_address(text: str) -> bool:
    found = _ADDRESS.fullmatch(text)
    return found is not None and 0 < int(found[2]) <= _PORT_MAX
