"""Puts the handler together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from isthmus.core.records import Handle, Tables
from isthmus.core.sealing import Opener
from isthmus.netsuite.calls import CallMetrics
from isthmus.netsuite.connection import connected
from isthmus.netsuite.governor import FixedConcurrency
from isthmus.netsuite.ports import NetSuite
from isthmus.ops.clock import Clock
from isthmus.ops.metrics import Metrics
from isthmus_netsuite_writer.adapters import NetSuiteBooks
from isthmus_netsuite_writer.customers import Customers
from isthmus_netsuite_writer.domain.posting import Chart
from isthmus_netsuite_writer.handler import OrderBooking
from isthmus_netsuite_writer.settings import BookingSettings, WriterSettings

OpenerOf = Callable[[Tables], Opener]


@contextmanager
def build_handle(
    *, settings: WriterSettings, opener_of: OpenerOf, clock: Clock, metrics: Metrics
) -> Iterator[Handle]:
    """Hold the connection to NetSuite for the block; nothing is sent before the first record."""
    netsuite = settings.netsuite
    with connected(
        netsuite,
        governor=FixedConcurrency(netsuite.concurrency, clock=clock),
        clock=clock,
        count=CallMetrics(metrics, settings.service),
    ) as account:
        yield order_booking(account, settings.booking, opener_of=opener_of, clock=clock)


def order_booking(
    account: NetSuite, settings: BookingSettings, *, opener_of: OpenerOf, clock: Clock
) -> OrderBooking:
    """Return the handler that books in this account."""
    books = NetSuiteBooks(account.records)
    return OrderBooking(
        books=books,
        customers=Customers(books, clock=clock, remembered_max=settings.customers_remembered),
        chart=Chart(
            currencies=settings.currencies, clearing_account_id=settings.clearing_account_id
        ),
        opener_of=opener_of,
        clock=clock,
    )
