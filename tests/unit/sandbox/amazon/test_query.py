from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from isthmus_sandbox.amazon.errors import Refused
from isthmus_sandbox.amazon.query import Filters, filters_of
from tests.unit.sandbox.stopped_clock import StoppedClock


def filters(text: str, *, factor: float = 1) -> Filters:
    return filters_of(QueryParams(text), clock=StoppedClock(factor))


class TestFiltersOf:
    def test_reads_every_parameter(self) -> None:
        read = filters(
            "createdAfter=2026-11-20T09:00:00%2B09:00&createdBefore=2026-11-21T00:00:00Z"
            "&marketplaceIds=ATVPDKIKX0DER&fulfillmentStatuses=SHIPPED,PENDING"
            "&fulfilledBy=AMAZON&includedData=TAX,BUYER,TAX&maxResultsPerPage=7"
        )

        assert read == Filters(
            field="created",
            after="2026-11-20T00:00:00.000Z",
            before="2026-11-21T00:00:00.000Z",
            marketplace_ids=("ATVPDKIKX0DER",),
            statuses=("PENDING", "SHIPPED"),
            fulfilled_by=("AMAZON",),
            sections=("BUYER", "TAX"),
            page_size=7,
        )

    def test_asks_for_a_hundred_orders_of_any_kind_by_default(self) -> None:
        read = filters("lastUpdatedAfter=2026-11-20T00:00:00Z")

        assert (read.field, read.before, read.page_size) == ("lastUpdated", None, 100)
        lists = [read.marketplace_ids, read.statuses, read.fulfilled_by, read.sections]
        assert not any(lists)

    def test_scales_the_two_minutes(self) -> None:
        text = "lastUpdatedAfter=2026-11-20T00:00:00Z&lastUpdatedBefore=2026-11-23T11:59:58Z"

        assert filters(text, factor=60).before == "2026-11-23T11:59:58.000Z"
        with pytest.raises(Refused, match="two minutes"):
            filters(text, factor=59)

    def test_ignores_what_amazon_does_not_know(self) -> None:
        assert filters("lastUpdatedAfter=2026-11-20T00:00:00Z&MarketplaceId=X").sections == ()
