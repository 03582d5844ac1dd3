"""An answer as it may stand in a dead letter."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus_amazon_ingest.domain.withholding import HARMLESS, without_persons
from tests.unit.amazon_ingest.amazon_orders import PERSONAL, amazon_order, raw

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(sorted(HARMLESS)) | st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


class TestWithoutPersons:
    def test_tells_of_no_person(self) -> None:
        order = amazon_order({"orderItems.0.giftMessage": "From Ada Lovelace"})

        withheld = without_persons(raw(order)).decode()

        assert not [name for name in PERSONAL if name in withheld]

    def test_keeps_what_explains_an_error(self) -> None:
        order = amazon_order()

        withheld = json.loads(without_persons(raw(order)))

        assert withheld == {**order, "buyer": "[withheld]", "recipient": "[withheld]"}

    def test_writes_numbers_as_they_came(self) -> None:
        assert without_persons(b'{"amount": 1.10}') == b'{"amount":1.10}'

    def test_withholds_what_amazon_adds_tomorrow(self) -> None:
        order = amazon_order(customerDiary="Dear diary")

        assert b'diary"' not in without_persons(raw(order)).replace(b"customerDiary", b"")

    def test_withholds_what_is_nested_too_deep(self) -> None:
        deep = b'{"value":' * 40 + b'"Ada"' + b"}" * 40

        assert b"Ada" not in without_persons(deep)

    @pytest.mark.parametrize(
        "garbage", [b"", b'"Ada"', b'["Ada"]', b'{"Ada', b'{"\xff":"Ada"}', b'{"value":["Ada}']
    )
    def test_withholds_garbage_whole(self, garbage: bytes) -> None:
        assert without_persons(garbage) == b'"[withheld]"'

    @given(st.dictionaries(st.text(), VALUES, max_size=6))
    def test_keeps_nothing_below_a_name_that_is_not_harmless(self, document: object) -> None:
        withheld = json.loads(without_persons(json.dumps(document).encode()))

        def check(value: object) -> None:
            if isinstance(value, dict):
                for name, inner in value.items():
                    assert name in HARMLESS or inner == "[withheld]"
                    check(inner)
            if isinstance(value, list):
                for inner in value:
                    check(inner)

        check(withheld)
