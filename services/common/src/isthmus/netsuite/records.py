"""The record API: create, and look up by external id."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import quote

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.netsuite import wire
from isthmus.netsuite.errors import NotFound
from isthmus.netsuite.exchange import Answer, Call
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.privacy import strike
from isthmus.netsuite.transport import Transport

RECORDS_PATH: Final = "/services/rest/record/v1"
LOCATION: Final = re.compile(r"/(\d+)/?$")


class Records:
    """``RecordApi`` over HTTP."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, record_type: str, body: wire.Body, *, intent: Intent, private: Collection[str] = ()
    ) -> str:
        """POST it, once."""
        call = Call(
            f"create {record_type}",
            "POST",
            f"{RECORDS_PATH}/{record_type}",
            writes=True,
            content=wire.encode(body),
        )
        try:
            answer = self._transport.send(call, intent)
        except (Rejected, Retryable) as error:
            # NetSuite quotes what it was sent, and errors end in headers and logs.
            strike(error, private)
            raise
        return _created_id(answer, call)

    def find(
        self, record_type: str, external_id: str, *, fields: Collection[str], intent: Intent
    ) -> Mapping[str, Any] | None:
        """GET it; none only when NetSuite itself says so."""
        call = Call(
            f"find {record_type}",
            "GET",
            f"{RECORDS_PATH}/{record_type}/eid:{quote(external_id, safe='')}",
            params={"fields": ",".join(fields)},
        )
        try:
            answer = self._transport.send(call, intent)
        except NotFound:
            return None
        return _record(answer, call)


def _created_id(answer: Answer, call: Call) -> str:
    found = LOCATION.search(answer.headers.get("Location", ""))
    if found is None:
        # A page of a proxy can have the status of success.
        detail = f"{call.operation}: status {answer.status} without the address of a record"
        raise Unknown(detail, reason_class="unexpected-answer")
    return found[1]


def _record(answer: Answer, call: Call) -> Mapping[str, Any]:
    try:
        body = answer.body()
        return {**body, "id": str(body["id"])}
    except (ValueError, KeyError) as error:
        detail = f"{call.operation}: status {answer.status} without a record"
        raise Retryable(detail, reason_class="unexpected-answer") from error
