"""What a NetSuite account can do for its callers: the client does it, and so does its fake."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from isthmus.netsuite.intent import Intent
from isthmus.netsuite.suiteql import ROWS_MAX, Row
from isthmus.netsuite.wire import Body


class RecordApi(Protocol):
    """Writes records, and looks them up by external id."""

    def create(
        self, record_type: str, body: Body, *, intent: Intent, private: Collection[str] = ()
    ) -> str:
        """Create a record and return its internal id. Never repeated here.

        :param private: texts that must not leave this call in an error, such as a buyer's name.
        :raises AlreadyExists: the external id, or another unique field, is taken.
        :raises Rejected: NetSuite will never accept it.
        :raises Retryable: nothing was created.
        :raises Unknown: it may have been created.
        """
        ...

    def find(
        self, record_type: str, external_id: str, *, fields: Collection[str], intent: Intent
    ) -> Mapping[str, Any] | None:
        """Return these fields and the ``id`` of a record, or none when there is no such record.

        :raises Rejected: NetSuite refuses the request itself.
        :raises Retryable: it is not known whether there is one.
        """
        ...


class QueryApi(Protocol):
    """Reads by SuiteQL."""

    def rows(
        self, query: str, params: Sequence[str] = (), *, intent: Intent, limit: int = ROWS_MAX
    ) -> Sequence[Row]:
        """Return the first rows, at most ``limit``.

        A role without the permission gets no rows and no error.

        :param query: SuiteQL with ``?`` where the parameters go.
        :raises Rejected: NetSuite does not understand the query.
        :raises Retryable: there is no answer now.
        """
        ...


class SystemApi(Protocol):
    """Tells what NetSuite says of itself."""

    def server_time(self, *, intent: Intent) -> datetime:
        """Return NetSuite's time in UTC; any role may ask.

        :raises Retryable: there is no answer now.
        """
        ...


@dataclass(frozen=True, slots=True)
class NetSuite:
    """One NetSuite account. Any thread may use it."""

    records: RecordApi
    suiteql: QueryApi
    system: SystemApi
