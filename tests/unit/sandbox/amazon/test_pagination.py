from __future__ import annotations

import pytest

from isthmus_sandbox.amazon.errors import Refused
from isthmus_sandbox.amazon.pagination import Pagination, Position
from tests.unit.sandbox.stopped_clock import StoppedClock

HERE = Position(
    upper_bound="2026-11-23T11:58:00.000Z", time="2026-11-22T00:00:00.000Z", order_id="1"
)


class TestPagination:
    def test_leads_back_to_the_position_after_a_restart_too(self) -> None:
        token = Pagination(clock=StoppedClock(), seed=1).token(HERE, account="a", fingerprint="f")

        again = Pagination(clock=StoppedClock(), seed=1)

        assert again.position(token, account="a", fingerprint="f") == HERE

    @pytest.mark.parametrize(
        ("seed", "account", "fingerprint"), [(2, "a", "f"), (1, "b", "f"), (1, "a", "g")]
    )
    def test_leads_nowhere_elsewhere(self, seed: int, account: str, fingerprint: str) -> None:
        token = Pagination(clock=StoppedClock(), seed=1).token(HERE, account="a", fingerprint="f")

        with pytest.raises(Refused, match="have changed"):
            Pagination(clock=StoppedClock(), seed=seed).position(
                token, account=account, fingerprint=fingerprint
            )

    def test_scales_the_life_of_a_token(self) -> None:
        clock = StoppedClock(24)
        pagination = Pagination(clock=clock, seed=1)
        token = pagination.token(HERE, account="a", fingerprint="f")

        clock.advance(3600)
        assert pagination.position(token, account="a", fingerprint="f") == HERE
        clock.advance(1)
        with pytest.raises(Refused, match="expired"):
            pagination.position(token, account="a", fingerprint="f")

    @pytest.mark.parametrize("token", ["", "A", "!!!!", "AAAA", "é"])
    def test_refuses_what_is_no_token(self, token: str) -> None:
        pagination = Pagination(clock=StoppedClock(), seed=1)

        with pytest.raises(Refused, match="paginationToken is invalid"):
            pagination.position(token, account="a", fingerprint="f")
