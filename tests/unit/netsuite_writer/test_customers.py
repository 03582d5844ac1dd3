"""The customer of an order is there before the order."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.testing.clock import VirtualClock
from isthmus_netsuite_writer.customers import Customers
from isthmus_netsuite_writer.domain.posting import Posting, RecordType
from isthmus_netsuite_writer.ports import AlreadyThere, Errand, NewCustomer, Posted

ERRAND = Errand(deadline=1e6, priority=(0.0, 0.0), is_current=lambda: True)


def a_customer(external_id: str = "AMZ-CUST-US") -> NewCustomer:
    return NewCustomer(external_id, "Amazon.com US Marketplace", "1", "1")


@dataclass
class CustomerBooks:
    """Books in which only customers are."""

    there: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    failure: Exception | None = None
    made_by_others: bool = False
    before_look: threading.Event | None = None
    looking: threading.Event = field(default_factory=threading.Event)

    def has_customer(self, external_id: str, errand: Errand) -> bool:
        self.calls.append("look")
        self.looking.set()
        if self.before_look:
            assert self.before_look.wait(30)
        return external_id in self.there

    def create_customer(self, customer: NewCustomer, errand: Errand) -> None:
        self.calls.append("create")
        failure, self.failure = self.failure, None
        if self.made_by_others:
            self.there.add(customer.external_id)
        if failure is not None:
            raise failure
        self.there.add(customer.external_id)

    def find(self, record_type: RecordType, external_id: str, errand: Errand) -> Posted | None:
        raise NotImplementedError

    def create(self, posting: Posting, errand: Errand) -> str:
        raise NotImplementedError


def customers(books: CustomerBooks, *, remembered_max: int = 10) -> Customers:
    return Customers(books, clock=VirtualClock(), remembered_max=remembered_max)


class TestEnsure:
    def test_creates_a_missing_customer_once(self) -> None:
        books = CustomerBooks()
        known = customers(books)

        known.ensure(a_customer(), ERRAND)
        known.ensure(a_customer(), ERRAND)

        assert books.calls == ["look", "create"]

    def test_does_not_create_one_that_is_there(self) -> None:
        books = CustomerBooks(there={"AMZ-CUST-US"})

        customers(books).ensure(a_customer(), ERRAND)

        assert books.calls == ["look"]

    def test_accepts_that_another_process_was_faster(self) -> None:
        books = CustomerBooks(failure=AlreadyThere("taken"), made_by_others=True)

        customers(books).ensure(a_customer(), ERRAND)

        assert books.calls == ["look", "create", "look"]

    def test_says_when_the_name_is_taken_by_another_customer(self) -> None:
        books = CustomerBooks(failure=AlreadyThere("taken"))

        with pytest.raises(Retryable, match="Remedy") as raised:
            customers(books).ensure(a_customer(), ERRAND)

        assert raised.value.reason_class == "customer-conflict"

    @pytest.mark.parametrize("failure", [Unknown("cut"), Retryable("503"), Rejected("no")])
    def test_looks_again_after_any_failure(self, failure: Exception) -> None:
        books = CustomerBooks(failure=failure)
        known = customers(books)
        with pytest.raises(type(failure)):
            known.ensure(a_customer(), ERRAND)

        known.ensure(a_customer(), ERRAND)

        assert books.calls == ["look", "create", "look", "create"]

    def test_looks_again_after_it_was_told_to_forget(self) -> None:
        books = CustomerBooks()
        known = customers(books)
        known.ensure(a_customer(), ERRAND)

        known.forget("AMZ-CUST-US")
        known.ensure(a_customer(), ERRAND)

        assert books.calls == ["look", "create", "look"]

    def test_remembers_so_many_and_not_more(self) -> None:
        books = CustomerBooks(there={"A", "B", "C"})
        known = customers(books, remembered_max=2)

        for external_id in ("A", "B", "A", "C", "A", "B"):
            known.ensure(a_customer(external_id), ERRAND)

        assert books.calls.count("look") == 4

    def test_lets_one_thread_look_and_the_other_wait_for_it(self) -> None:
        crowd = Crowd()

        errors = crowd.ensured_by_two()

        assert errors == [None, None]
        assert crowd.books.calls == ["look", "create"]

    def test_tells_a_waiting_thread_what_went_wrong(self) -> None:
        crowd = Crowd(failure=Retryable("503"))

        errors = crowd.ensured_by_two()

        assert [str(error) for error in errors] == ["503", "503"]
        assert crowd.books.calls == ["look", "create"]

    def test_waits_for_another_thread_no_longer_than_the_deadline(self) -> None:
        crowd = Crowd()
        late = Errand(deadline=0.0, priority=(0.0, 0.0), is_current=lambda: True)

        first, second = crowd.ensured_by_two(second=late)

        assert first is None
        assert isinstance(second, Retryable)
        assert second.reason_class == "customer-pending"


class Crowd:
    """Two threads that need the same customer; the second comes while the first looks."""

    def __init__(self, *, failure: Exception | None = None) -> None:
        self.books = CustomerBooks(failure=failure, before_look=threading.Event())
        self.looking = self.books.looking
        self.second_waits = threading.Event()
        self.clock = VirtualClock()
        self.known = Customers(self.books, clock=self, remembered_max=10)

    def now(self) -> datetime:
        return self.clock.now()

    def monotonic(self) -> float:
        # Asked by a thread that is about to wait for another.
        self.second_waits.set()
        return self.clock.monotonic()

    def ensured_by_two(self, *, second: Errand = ERRAND) -> list[BaseException | None]:
        release = self.books.before_look
        assert release is not None
        with ThreadPoolExecutor(2) as pool:
            leader = pool.submit(self.known.ensure, a_customer(), ERRAND)
            assert self.looking.wait(30)
            follower = pool.submit(self.known.ensure, a_customer(), second)
            assert self.second_waits.wait(30)
            if second is not ERRAND:
                follower.exception(timeout=30)
            release.set()
            return [leader.exception(timeout=30), follower.exception(timeout=30)]
