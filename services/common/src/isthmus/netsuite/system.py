"""What NetSuite says of itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from isthmus.core.errors import Retryable
from isthmus.netsuite.exchange import Call
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.transport import Transport

SERVER_TIME: Final = Call("server time", "GET", "/services/rest/system/v1/serverTime")


class System:
    """``SystemApi`` over HTTP."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def server_time(self, *, intent: Intent) -> datetime:
        """GET it."""
        answer = self._transport.send(SERVER_TIME, intent)
        try:
            return datetime.fromisoformat(answer.body()["serverTime"]).astimezone(UTC)
        except (ValueError, KeyError, TypeError) as error:
            detail = f"server time: status {answer.status} without a time"
            raise Retryable(detail, reason_class="unexpected-answer") from error
