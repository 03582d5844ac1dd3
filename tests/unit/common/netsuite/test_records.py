"""Create, and look up by external id."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.netsuite.errors import AlreadyExists
from tests.unit.common.netsuite.parts import INTENT, complaint, wire


class TestCreate:
    def test_returns_the_internal_id_of_the_new_record(self) -> None:
        end = wire(httpx.Response(204, headers={"Location": "https://h/record/v1/cashSale/4711"}))

        internal_id = end.client().records.create(
            "cashSale", {"externalId": "AMZ-CS-1", "total": Decimal("1.10")}, intent=INTENT
        )

        assert internal_id == "4711"
        assert end.sent[0].method == "POST"
        assert end.sent[0].url.path == "/services/rest/record/v1/cashSale"
        assert json.loads(end.sent[0].content, parse_float=str)["total"] == "1.10"

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(200, text="<html>Please log in</html>"),
            httpx.Response(204),
            httpx.Response(204, headers={"Location": "https://h/login"}),
        ],
    )
    def test_does_not_take_a_status_of_success_alone_for_a_record(
        self, answer: httpx.Response
    ) -> None:
        with pytest.raises(Unknown) as raised:
            wire(answer).client().records.create("cashSale", {}, intent=INTENT)

        assert raised.value.reason_class == "unexpected-answer"

    def test_tells_an_existing_record_apart(self) -> None:
        end = wire(complaint(400, "DUP_RCRD", "This record already exists.", "externalId"))

        with pytest.raises(AlreadyExists):
            end.client().records.create("cashSale", {}, intent=INTENT)

    def test_keeps_private_texts_out_of_the_error(self) -> None:
        quoted = "Invalid value Jane Roe for the following field: addressee"
        end = wire(complaint(400, "INVALID_CONTENT", quoted, "shippingAddress.addressee"))

        with pytest.raises(Rejected) as raised:
            end.client().records.create("cashSale", {}, intent=INTENT, private=["Jane Roe"])

        assert "Jane" not in f"{raised.value} {raised.value.args} {raised.value.detail}"
        assert raised.value.path == "shippingAddress.addressee"


class TestFind:
    def test_returns_the_fields_that_were_asked_for(self) -> None:
        end = wire(httpx.Response(200, content=b'{"id":77,"total":39.90,"links":[]}'))

        found = end.client().records.find(
            "salesOrder", "AMZ-SO-1", fields=["total", "memo"], intent=INTENT
        )

        assert found is not None
        assert (found["id"], found["total"]) == ("77", Decimal("39.90"))
        assert end.sent[0].url.path == "/services/rest/record/v1/salesOrder/eid:AMZ-SO-1"
        assert end.sent[0].url.params["fields"] == "total,memo"

    def test_returns_none_when_netsuite_says_that_there_is_none(self) -> None:
        end = wire(complaint(404, "NONEXISTENT_ID", "Record does not exist."))

        assert end.client().records.find("item", "A", fields=[], intent=INTENT) is None

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(404, text="<html>Not Found</html>"),
            httpx.Response(200, text="<html>Please log in</html>"),
            httpx.Response(200, json={"links": []}),
            httpx.Response(200, content=b'{"id":"7'),
            httpx.Response(503),
        ],
    )
    def test_never_takes_another_answer_for_there_is_none(self, answer: httpx.Response) -> None:
        with pytest.raises(Retryable):
            wire(answer).client().records.find("item", "A", fields=[], intent=INTENT)
