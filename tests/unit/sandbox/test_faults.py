from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from isthmus_sandbox.faults import RULES_MAX, Fault, FaultKind, FaultRule, Faults


def a_rule(kind: FaultKind = FaultKind.RESET, **more: Any) -> FaultRule:
    return FaultRule.model_validate({"kind": kind, **more})


def struck(faults: Faults, times: int) -> list[bool]:
    return [faults.strike("getOrder", "111") is not None for _ in range(times)]


class TestFaults:
    def test_strike_nobody_without_a_rule(self) -> None:
        assert Faults(seed=1).strike("getOrder", None) is None

    def test_strike_with_what_the_rule_says(self) -> None:
        faults = Faults(seed=1)
        faults.add([a_rule(delay_s=7, when="after")])

        fault = faults.strike("getOrder", None)

        assert fault == Fault(kind=FaultKind.RESET, delay_s=7, when="after")

    def test_keep_to_their_operation(self) -> None:
        faults = Faults(seed=1)
        faults.add([a_rule(operation="searchOrders")])

        assert faults.strike("getOrder", None) is None
        assert faults.strike("searchOrders", None) is not None

    def test_keep_to_their_key(self) -> None:
        faults = Faults(seed=1)
        faults.add([a_rule(key="111")])

        assert faults.strike("getOrder", "222") is None
        assert faults.strike("getOrder", None) is None
        assert faults.strike("getOrder", "111") is not None

    def test_end_with_their_count(self) -> None:
        faults = Faults(seed=1)
        faults.add([a_rule(count=2)])

        assert struck(faults, 4) == [True, True, False, False]

    def test_come_at_their_rate_and_again_with_the_same_seed(self) -> None:
        runs = []
        for seed in (5, 5, 6):
            faults = Faults(seed=seed)
            faults.add([a_rule(rate=0.05)])
            runs.append(struck(faults, 4000))

        assert runs[0] == runs[1]
        assert runs[0] != runs[2]
        assert 140 < sum(runs[0]) < 260

    def test_do_not_count_where_they_cannot_strike(self) -> None:
        faults = Faults(seed=1)
        faults.add([a_rule(count=1)])

        assert faults.strike("getOrder", None, among={FaultKind.SLOW}) is None
        assert faults.strike("getOrder", None) is not None

    def test_refuse_a_kind_that_this_end_does_not_have(self) -> None:
        faults = Faults(seed=1, kinds={FaultKind.SLOW})

        with pytest.raises(ValueError, match="no fault reset"):
            faults.add([a_rule(FaultKind.SLOW), a_rule(FaultKind.RESET)])
        assert faults.describe() == []

    def test_refuse_an_operation_that_does_not_exist(self) -> None:
        faults = Faults(seed=1, operations={"getOrder"})

        with pytest.raises(ValueError, match="No operation 'getOrders'"):
            faults.add([a_rule(operation="getOrders")])

    def test_are_bounded(self) -> None:
        faults = Faults(seed=1)

        with pytest.raises(ValueError, match="Clear with DELETE"):
            faults.add([a_rule()] * (RULES_MAX + 1))

    def test_say_how_often_they_struck_until_cleared(self) -> None:
        faults = Faults(seed=1)
        faults.add([a_rule()])
        struck(faults, 3)

        assert [rule["struck"] for rule in faults.describe()] == [3]
        faults.clear()
        assert faults.describe() == []


class TestFaultRule:
    @pytest.mark.parametrize(
        "wrong",
        [{"rate": 0}, {"rate": 1.1}, {"count": 0}, {"delay_s": -1}, {"when": "later"}, {"rte": 1}],
    )
    def test_refuses_what_makes_no_sense(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            a_rule(**wrong)
