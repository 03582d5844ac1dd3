"""What a commit says survives the 4,095 bytes that it may have."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.kafka import done_map
from isthmus.kafka.done_map import METADATA_BYTES_MAX, Progress

SPAN = 20_000


@given(
    offset=st.integers(0, 2**40),
    ahead=st.frozensets(st.integers(0, SPAN - 1), max_size=400),
    lives=st.integers(0, 50),
    suspect=st.none() | st.integers(0, 2**40),
)
def test_reads_back_what_was_written(
    offset: int, ahead: frozenset[int], lives: int, suspect: int | None
) -> None:
    done = frozenset(offset + one for one in ahead)
    progress = Progress(offset, done, lives=lives, suspect=suspect, token="a1b2.7")

    assert done_map.decode(offset, done_map.encode(progress)) == progress


class TestDoneMap:
    def test_fits_at_the_widest_span_and_the_worst_pattern(self) -> None:
        chance = random.Random(1)
        done = frozenset(one for one in range(SPAN) if chance.random() < 0.5) | {SPAN - 1}

        metadata = done_map.encode(Progress(0, done, lives=99, suspect=SPAN, token="x" * 20))

        assert len(metadata) <= METADATA_BYTES_MAX
        assert done_map.decode(0, metadata).done == done

    def test_is_left_out_when_it_does_not_fit(self) -> None:
        chance = random.Random(1)
        done = frozenset(one for one in range(3 * SPAN) if chance.random() < 0.5)

        metadata = done_map.encode(Progress(0, done, lives=2, token="t"))

        assert len(metadata) <= METADATA_BYTES_MAX
        assert done_map.decode(0, metadata) == Progress(0, lives=2, token="t")

    @pytest.mark.parametrize(
        "metadata", [None, "", "spring-kafka", "i1,x,,,", "i1,1,,t,r!!", "i1,1"]
    )
    def test_takes_what_is_not_ours_for_an_offset_alone(self, metadata: str | None) -> None:
        assert done_map.decode(7, metadata).done == frozenset()
        assert done_map.decode(7, metadata).offset == 7
