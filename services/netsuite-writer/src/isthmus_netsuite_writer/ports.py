"""What the writer needs of the outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from isthmus_netsuite_writer.domain.posting import Posting, RecordType


class AlreadyThere(Exception):
    """A record with this identity is in the books already."""


@dataclass(frozen=True, slots=True)
class Errand:
    """On whose behalf the books are asked, and how urgent it is.

    :param deadline: monotonic seconds.
    :param priority: ship-by moment and age in seconds since 1970; the smaller goes first.
    :param is_current: asked right before each request.
    """

    deadline: float
    priority: tuple[float, float]
    is_current: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer as it is created when it is missing; never a buyer."""

    external_id: str
    name: str
    currency_id: str
    subsidiary_id: str | None


@dataclass(frozen=True, slots=True)
class Posted:
    """A record as it is in the books.

    :param payload_hash: empty when somebody else made it.
    """

    internal_id: str
    payload_hash: str


class Books(Protocol):
    """NetSuite, as far as orders are booked in it.

    Each method may also raise ``Rejected`` (NetSuite refuses for good), ``Retryable`` (nothing was
    written) and, when it writes, ``Unknown`` (perhaps something was).
    """

    def find(self, record_type: RecordType, external_id: str, errand: Errand) -> Posted | None:
        """Return the record of this external id, or none."""
        ...

    def create(self, posting: Posting, errand: Errand) -> str:
        """Create the record and return its internal id.

        :raises AlreadyThere: its external id is taken.
        """
        ...

    def has_customer(self, external_id: str, errand: Errand) -> bool:
        """Tell whether the customer is there."""
        ...

    def create_customer(self, customer: NewCustomer, errand: Errand) -> None:
        """Create the customer.

        :raises AlreadyThere: its external id or its name is taken.
        """
        ...


class Clock(Protocol):
    """The time, for outcomes and for waiting no longer than a deadline."""

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...
