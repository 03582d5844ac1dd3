"""Wait until brokers answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

_POLL_S: Final = 0.02
_CALL_S: Final = 2.0


def listens(address: str) -> bool:
    """Tell whether something accepts connections at ``host:port``."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CALL_S).close()
    except OSError:
        return False
    return True


def brokers(bootstrap_servers: str, *, timeout_s: float = _CALL_S) -> frozenset[int]:
    """Return the numbers of the brokers that are alive; none if none answers."""
    admin = AdminClient(
        {
            "bootstrap.servers": bootstrap_servers,
            "socket.connection.setup.timeout.ms": int(timeout_s * 1000),
            "log_level": 0,
        }
    )
    try:
        return frozenset(admin.list_topics(timeout=timeout_s).brokers)
    except KafkaException:
        return frozenset()


def wait_for_brokers(
    bootstrap_servers: str,
    *,
    nodes: Collection[int],
    timeout_s: float,
    check: Callable[[], None] = lambda: None,
) -> bool:
    """Tell whether all the nodes are alive before the time is over.

    :param bootstrap_servers: every address must accept connections too.
    :param check: called again and again; raises if waiting is in vain.
    """
    deadline = time.monotonic() + timeout_s
    waiting = bootstrap_servers.split(",")
    while time.monotonic() < deadline:
        check()
        waiting = [address for address in waiting if not listens(address)]
        if not waiting and brokers(bootstrap_servers).issuperset(nodes):
            return True
        time.sleep(_POLL_S)
    return False
