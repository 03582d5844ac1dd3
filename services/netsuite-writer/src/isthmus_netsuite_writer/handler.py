"""One command, one record in NetSuite: looked for when in doubt, never overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.records import Attempt, Output, Record, Tables
from isthmus.core.sealing import Opener
from isthmus.messages.netsuite import OrderCommand, Outcome, Result
from isthmus.messages.personal import Address
from isthmus_netsuite_writer.customers import Customers
from isthmus_netsuite_writer.domain.checks import refuse_wrong
from isthmus_netsuite_writer.domain.posting import Chart, Posting, posting_of
from isthmus_netsuite_writer.ports import (
    AlreadyThere,
    Books,
    Clock,
    Errand,
    NewCustomer,
    Posted,
)

OUTCOMES: Final = "netsuite.outcomes"
# The name under which the delivery address is sealed, in the fact and in what is made of it.
SEALED_ADDRESS: Final = "recipient"
# Made once, at the import: msgspec crashes when threads are the first to use a struct together.
ADDRESSES: Final = msgspec.json.Decoder(Address)
NEVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at one command."""

    record: Record[msgspec.Struct]
    attempt: Attempt
    command: OrderCommand
    posting: Posting
    errand: Errand


@dataclass(frozen=True, slots=True)
class OrderBooking:
    """The sink's handler.

    :param opener_of: gives the opener of sealed data for the tables of an attempt.
    """

    books: Books
    customers: Customers
    chart: Chart
    opener_of: Callable[[Tables], Opener]
    clock: Clock

    def __call__(self, record: Record[msgspec.Struct], attempt: Attempt) -> Iterable[Output]:
        """Book the order.

        :raises Rejected: the command is wrong, NetSuite refuses it, or another record has its
            identity.
        :raises Retryable: nothing was booked.
        :raises Unknown: it may have been booked.
        """
        job = self._job(record, attempt)
        if attempt.unsure and (posted := self._looked_up(job)):
            return self._told(job, posted, Result.ALREADY_THERE)
        self.customers.ensure(_customer(job, self.chart), job.errand)
        return self._told(job, *self._created(self._addressed(job)))

    def _job(self, record: Record[msgspec.Struct], attempt: Attempt) -> Job:
        command = record.value
        if not isinstance(command, OrderCommand):
            raise TypeError(f"{record.topic} holds {type(command).__name__}, not OrderCommand")
        refuse_wrong(command, key=record.key)
        return Job(
            record=record,
            attempt=attempt,
            command=command,
            posting=posting_of(command.body, chart=self.chart),
            errand=_errand(record, command, attempt),
        )

    def _looked_up(self, job: Job) -> Posted | None:
        """Return the record if it is there and the same.

        :raises Rejected: it is there and different.
        """
        posting = job.posting
        posted = self.books.find(posting.record_type, posting.external_id, job.errand)
        if posted is not None and posted.payload_hash != posting.payload_hash:
            raise _conflict(posting, posted)
        return posted

    def _addressed(self, job: Job) -> Job:
        """Open the delivery address and put it into the posting."""
        sealed = job.command.body.ship_to
        if sealed is None:
            return job
        plain = self.opener_of(job.attempt.tables).open(
            record_key=job.record.key, field=SEALED_ADDRESS, sealed=sealed
        )
        return replace(job, posting=job.posting.delivered_to(_address(plain)))

    def _created(self, job: Job) -> tuple[Posted, Result]:
        posting = job.posting
        try:
            internal_id = self.books.create(posting, job.errand)
        except AlreadyThere:
            posted = self._looked_up(job)
            if posted is None:
                raise _not_to_be_found(posting) from None
            return posted, Result.ALREADY_THERE
        except Rejected as error:
            if not error.path.startswith("entity"):
                raise
            self.customers.forget(job.command.body.customer.external_id)
            raise Retryable(error.detail, reason_class="customer-gone") from error
        return Posted(internal_id, posting.payload_hash), Result.CREATED

    def _told(self, job: Job, posted: Posted, result: Result) -> Iterable[Output]:
        outcome = Outcome(
            account=job.command.account,
            order_id=job.command.order_id,
            external_id=job.posting.external_id,
            record_type=job.posting.record_type.value,
            result=result.value,
            internal_id=posted.internal_id,
            payload_hash=posted.payload_hash,
            command=job.record.effect_id,
            attempts=job.attempt.number,
            looked_up=job.attempt.unsure,
            finished_at=self.clock.now(),
        )
        return (Output(OUTCOMES, job.record.key, outcome),)


def _errand(record: Record[msgspec.Struct], command: OrderCommand, attempt: Attempt) -> Errand:
    ship_by = command.ship_by.timestamp() if command.ship_by else NEVER
    return Errand(
        deadline=attempt.deadline,
        priority=(ship_by, record.timestamp.timestamp()),
        is_current=attempt.is_current,
    )


def _customer(job: Job, chart: Chart) -> NewCustomer:
    body = job.command.body
    return NewCustomer(
        external_id=body.customer.external_id,
        name=body.customer.name,
        currency_id=chart.currency_id(body.currency),
        subsidiary_id=body.subsidiary_id,
    )


def _address(plain: bytes) -> Address:
    try:
        return ADDRESSES.decode(plain)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # The cause would quote the address.
        raise Rejected(
            "the sealed delivery address is not in a form this version reads",
            reason_class="malformed-address",
            path="body.ship_to",
        ) from None


def _conflict(posting: Posting, posted: Posted) -> Rejected:
    held = posted.payload_hash or "no hash: somebody else made it"
    return Rejected(
        f"{posting.record_type} {posting.external_id} is there as {posted.internal_id} with other"
        f" content: there {held}; commanded {posting.payload_hash}. It was left as it is."
        " Remedy: compare the two; discard this letter, or delete the record and replay",
        reason_class="conflict",
        path="body",
    )


def _not_to_be_found(posting: Posting) -> Retryable:
    return Retryable(
        f"NetSuite says that {posting.external_id} exists, and has no {posting.record_type} of"
        " that name: it is still being saved, or a transaction of another type has the id",
        reason_class="exists-elsewhere",
    )
