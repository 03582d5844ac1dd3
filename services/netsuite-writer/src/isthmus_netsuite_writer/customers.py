"""Sees to it that an order's customer is there: created once, looked up once per process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future

from isthmus.core.errors import Retryable
from isthmus_netsuite_writer.ports import AlreadyThere, Books, Clock, Errand, NewCustomer


class Customers:
    """Remembers which customers are there. Threads that need the same one wait for the first.

    :param remembered_max: the customers remembered; the one longest unused is forgotten first.
    """

    def __init__(self, books: Books, *, clock: Clock, remembered_max: int) -> None:
        self._books = books
        self._clock = clock
        self._remembered_max = remembered_max
        self._known: OrderedDict[str, None] = OrderedDict()
        self._under_way: dict[str, Future[None]] = {}
        self._lock = threading.Lock()

    def ensure(self, customer: NewCustomer, errand: Errand) -> None:
        """Return when the customer is in the books.

        :raises Rejected: NetSuite refuses the customer for good.
        :raises Retryable: it is not known yet whether it is there.
        """
        external_id = customer.external_id
        with self._lock:
            if external_id in self._known:
                self._known.move_to_end(external_id)
                return
            mine: Future[None] = Future()
            first = self._under_way.setdefault(external_id, mine)
        if first is mine:
            self._lead(customer, errand, mine)
        else:
            self._follow(first, errand)

    def forget(self, external_id: str) -> None:
        """Look the customer up again next time: NetSuite did not know it."""
        with self._lock:
            self._known.pop(external_id, None)

    def _lead(self, customer: NewCustomer, errand: Errand, mine: Future[None]) -> None:
        try:
            self._find_or_create(customer, errand)
            self._remember(customer.external_id)
        except BaseException as error:
            self._finished(customer.external_id)
            mine.set_exception(error)
            raise
        self._finished(customer.external_id)
        mine.set_result(None)

    def _follow(self, first: Future[None], errand: Errand) -> None:
        patience = max(0.0, errand.deadline - self._clock.monotonic())
        try:
            first.result(timeout=patience)
        except TimeoutError:
            detail = "another order's look for the customer takes longer than this order has"
            raise Retryable(detail, reason_class="customer-pending") from None

    def _find_or_create(self, customer: NewCustomer, errand: Errand) -> None:
        if self._books.has_customer(customer.external_id, errand):
            return
        try:
            self._books.create_customer(customer, errand)
        except AlreadyThere:
            # Another process was faster, or another customer has this name.
            if not self._books.has_customer(customer.external_id, errand):
                raise Retryable(
                    f"NetSuite has a customer of this name, or another entity with the external"
                    f" id {customer.external_id}. Remedy: give that customer this external id",
                    reason_class="customer-conflict",
                ) from None

    def _finished(self, external_id: str) -> None:
        with self._lock:
            del self._under_way[external_id]

    def _remember(self, external_id: str) -> None:
        with self._lock:
            self._known[external_id] = None
            while len(self._known) > self._remembered_max:
                self._known.popitem(last=False)
