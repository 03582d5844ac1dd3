"""Commands that must not reach the books."""

from __future__ import annotations

from decimal import Decimal

import pytest

from isthmus.core.errors import Rejected
from isthmus.core.money import Money
from isthmus.messages.netsuite import Customer, OrderCommand
from isthmus.testing.builders import usd
from isthmus_netsuite_writer.domain.checks import refuse_wrong
from tests.unit.netsuite_writer.parts import KEY, a_cash_sale, a_command, a_line, a_sales_order

EUR = Money(Decimal("39.98"), "EUR")


class TestRefuseWrong:
    @pytest.mark.parametrize("body", [a_sales_order(), a_cash_sale()])
    def test_lets_a_sound_command_pass(self, body: object) -> None:
        refuse_wrong(a_command(body), key=KEY)  # type: ignore[arg-type]

    @pytest.mark.parametrize("key", ["acme-us/999-0000000-0000000", "acme-eu/111-1234567-1234567"])
    def test_refuses_the_key_of_another_order(self, key: str) -> None:
        with pytest.raises(Rejected) as raised:
            refuse_wrong(a_command(), key=key)

        assert (raised.value.path, raised.value.reason_class) == ("key", "wrong-key")

    @pytest.mark.parametrize("key", ["", "acme-us", "/", "ACME/1", "acme-us/"])
    def test_refuses_what_is_no_key(self, key: str) -> None:
        with pytest.raises(Rejected) as raised:
            refuse_wrong(a_command(), key=key)

        assert raised.value.reason_class == "wrong-key"

    @pytest.mark.parametrize(
        ("command", "path", "reason_class"),
        [
            (
                a_command(a_sales_order(lines=(), total=usd("0"))),
                "body.lines",
                "no-items",
            ),
            (
                a_command(a_sales_order(lines=(a_line(), a_line(quantity=-1)))),
                "body.lines[1].quantity",
                "negative-quantity",
            ),
            (
                a_command(a_sales_order(lines=(a_line(quantity=0),))),
                "body.lines[0].quantity",
                "no-quantity",
            ),
            (
                a_command(a_sales_order(lines=(a_line(item_id=""),))),
                "body.lines[0].item_id",
                "no-item",
            ),
            (
                a_command(a_sales_order(lines=(a_line(amount=EUR),))),
                "body.lines[0].amount.currency",
                "mixed-currencies",
            ),
            (
                a_command(a_sales_order(lines=(a_line(amount=usd("0.005")),))),
                "body.lines[0].amount.amount",
                "fractions-of-cents",
            ),
            (a_command(a_sales_order(total=usd("39.97"))), "body.total", "total-differs"),
            (a_command(a_sales_order(total=EUR)), "body.total.currency", "mixed-currencies"),
            (a_command(a_sales_order(external_id="AMZ|SO")), "body.external_id", "wrong-key"),
            (a_command(a_sales_order(external_id="")), "body.external_id", "wrong-key"),
            (
                a_command(a_sales_order(customer=Customer(external_id="A B", name="x"))),
                "body.customer.external_id",
                "wrong-key",
            ),
            (
                a_command(a_sales_order(custom_fields={"entity": "7"})),
                "body.custom_fields",
                "wrong-custom-field",
            ),
            (
                a_command(a_sales_order(custom_fields={"custbody_amz_payload_hash": "x"})),
                "body.custom_fields",
                "wrong-custom-field",
            ),
        ],
    )
    def test_names_what_is_wrong_and_where(
        self, command: OrderCommand, path: str, reason_class: str
    ) -> None:
        with pytest.raises(Rejected) as raised:
            refuse_wrong(command, key=KEY)

        assert (raised.value.path, raised.value.reason_class) == (path, reason_class)
