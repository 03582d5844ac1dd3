"""Lines of a sale: merged, appended, priced."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from isthmus_sandbox.netsuite.problems import Problem
from isthmus_sandbox.netsuite.records.lines import merged_lines, priced_line

HELD = [{"line": 1, "memo": "a"}, {"line": 2, "memo": "b"}]
BASE_20: dict[str, Any] = {"basePrice": Decimal("20.00")}


class TestMerging:
    def test_changes_the_line_that_has_the_key(self) -> None:
        merged = merged_lines(HELD, [{"line": 2, "memo": "c"}], replace=False)

        assert merged == [{"line": 1, "memo": "a"}, {"line": 2, "memo": "c"}]

    def test_appends_a_line_without_key_even_if_it_is_the_same(self) -> None:
        merged = merged_lines(HELD, [{"memo": "a"}], replace=False)

        assert merged == [*HELD, {"line": 3, "memo": "a"}]

    def test_appends_a_line_whose_key_is_not_held(self) -> None:
        merged = merged_lines(HELD, [{"line": 9, "memo": "c"}], replace=False)

        assert [line["line"] for line in merged] == [1, 2, 3]

    def test_drops_the_held_lines_when_they_are_replaced(self) -> None:
        merged = merged_lines(HELD, [{"memo": "c"}], replace=True)

        assert merged == [{"line": 3, "memo": "c"}]

    def test_leaves_the_held_lines_as_they_were(self) -> None:
        merged_lines(HELD, [{"line": 1, "memo": "changed"}], replace=False)

        assert HELD[0]["memo"] == "a"

    @pytest.mark.parametrize(
        ("sent", "lost"), [({"quantity": 3}, "amount"), ({"amount": Decimal(1)}, "rate")]
    )
    def test_forgets_what_a_changed_figure_makes_untrue(
        self, sent: dict[str, Any], lost: str
    ) -> None:
        held = [{"line": 1, "quantity": 1, "rate": Decimal(2), "amount": Decimal(2)}]

        merged = merged_lines(held, [{"line": 1, **sent}], replace=False)

        assert lost not in merged[0]


class TestPricing:
    def test_takes_the_base_price_unless_the_level_is_custom(self) -> None:
        line = {"quantity": Decimal(2), "rate": Decimal("1.00"), "amount": Decimal("2.00")}

        priced = priced_line(line, item=BASE_20, index=0)

        assert (priced["rate"], priced["amount"]) == (Decimal("20.00"), Decimal("40.00"))
        assert priced["price"] == {"id": "1"}

    def test_keeps_rate_and_amount_of_a_custom_price_even_if_they_disagree(self) -> None:
        sent = {"quantity": Decimal(2), "rate": Decimal("1.00"), "amount": Decimal("3.00")}

        priced = priced_line({**sent, "price": {"id": "-1"}}, item=BASE_20, index=0)

        assert (priced["rate"], priced["amount"]) == (Decimal("1.00"), Decimal("3.00"))

    def test_rounds_the_amount_it_computes_to_cents(self) -> None:
        line = {"price": {"id": "-1"}, "quantity": Decimal(3), "rate": Decimal("0.335")}

        assert priced_line(line, item={}, index=0)["amount"] == Decimal("1.01")

    def test_takes_the_rate_of_a_discount_for_its_amount(self) -> None:
        priced = priced_line({"rate": Decimal("-5.00")}, item={}, index=0)

        assert priced["amount"] == Decimal("-5.00")

    def test_refuses_a_line_of_which_no_price_is_known(self) -> None:
        with pytest.raises(Problem) as refused:
            priced_line({"quantity": Decimal(1)}, item={}, index=4)

        assert refused.value.details[0].path == "item.items[4].amount"
