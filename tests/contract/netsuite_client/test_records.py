"""Records, on the fake and on the simulated NetSuite alike."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from isthmus.core.errors import Rejected
from isthmus.netsuite.errors import AlreadyExists
from tests.contract.netsuite_client.subjects import CUSTOMER, Subject, an_intent, unique

HASH = "custbody_amz_payload_hash"
TYPES = ["salesOrder", "cashSale"]


class Counter:
    """Sells one item to one customer."""

    def __init__(self, subject: Subject) -> None:
        self.records = subject.account.records
        self.item_id = subject.put_item(unique("SKU"))
        self.customer = unique("AMZ-CUST")
        body = {"externalId": self.customer, "companyName": self.customer, **CUSTOMER}
        self.records.create("customer", body, intent=an_intent())

    def sale(self, **changes: Any) -> dict[str, Any]:
        line = {
            "item": {"id": self.item_id},
            "quantity": 3,
            "price": {"id": "-1"},
            "rate": Decimal("3.33333333"),
            "amount": Decimal("10.00"),
        }
        return {
            "externalId": unique("AMZ-SO"),
            "entity": {"externalId": self.customer},
            "tranDate": "2026-11-20",
            "otherRefNum": "111-1234567-1234567",
            "location": {"id": "1"},
            "item": {"items": [line]},
            HASH: "sha256:abc",
            **changes,
        }

    def sell(self, record_type: str, sale: dict[str, Any]) -> str:
        return self.records.create(record_type, sale, intent=an_intent())

    def find(self, record_type: str, external_id: str, *fields: str) -> Any:
        return self.records.find(record_type, external_id, fields=fields, intent=an_intent())


@pytest.fixture
def counter(subject: Subject) -> Counter:
    return Counter(subject)


class TestCreate:
    @pytest.mark.parametrize("record_type", TYPES)
    def test_gives_an_internal_id_under_which_the_record_is_found(
        self, counter: Counter, record_type: str
    ) -> None:
        sale = counter.sale()

        internal_id = counter.sell(record_type, sale)

        found = counter.find(record_type, sale["externalId"], HASH, "otherRefNum")
        assert found["id"] == internal_id
        assert found[HASH] == "sha256:abc"
        assert found["otherRefNum"] == "111-1234567-1234567"

    @pytest.mark.parametrize("again", TYPES)
    def test_refuses_an_external_id_that_any_transaction_has(
        self, counter: Counter, again: str
    ) -> None:
        sale = counter.sale()
        counter.sell("salesOrder", sale)

        with pytest.raises(AlreadyExists) as raised:
            counter.sell(again, sale)

        assert raised.value.path == "externalId"

    def test_lets_a_customer_have_the_external_id_of_a_sale(self, counter: Counter) -> None:
        sale = counter.sale()
        counter.sell("salesOrder", sale)

        body = {"externalId": sale["externalId"], "companyName": unique("X"), **CUSTOMER}
        assert counter.records.create("customer", body, intent=an_intent())

    def test_refuses_a_misspelt_field_and_names_it(self, counter: Counter) -> None:
        with pytest.raises(Rejected) as raised:
            counter.sell("salesOrder", counter.sale(otherRefNumber="1"))

        assert (raised.value.reason_class, raised.value.path) == (
            "invalid-content",
            "otherRefNumber",
        )

    def test_refuses_a_float_before_it_is_sent(self, counter: Counter) -> None:
        with pytest.raises(TypeError, match="memo is a float"):
            counter.sell("salesOrder", counter.sale(memo=1.5))


class TestFind:
    def test_finds_nothing_where_there_is_nothing(self, counter: Counter) -> None:
        assert counter.find("salesOrder", unique("AMZ-SO")) is None

    def test_finds_no_record_of_another_type(self, counter: Counter) -> None:
        sale = counter.sale()
        counter.sell("salesOrder", sale)

        assert counter.find("cashSale", sale["externalId"]) is None

    def test_leaves_out_a_field_that_has_no_value(self, counter: Counter) -> None:
        sale = counter.sale()
        del sale[HASH]
        counter.sell("salesOrder", sale)

        assert HASH not in counter.find("salesOrder", sale["externalId"], HASH)
