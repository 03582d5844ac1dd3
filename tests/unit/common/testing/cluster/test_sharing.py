from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from isthmus.testing.cluster.group_metadata import GroupMetadata, decode, encode
from isthmus.testing.cluster.partitioner import Partitioner
from isthmus.testing.cluster.range_assignor import Candidate, assign

names = st.text(alphabet="abcxyz-0123456789", min_size=1, max_size=12)
member_ids = st.lists(names, min_size=1, max_size=6, unique=True)


class TestRange:
    @given(members=member_ids, width=st.integers(0, 20))
    def test_gives_each_partition_to_one_member_and_equal_numbers_of_equal_topics(
        self, members: list[str], width: int
    ) -> None:
        candidates = [Candidate(name, None, ("source", "retry")) for name in members]

        assignment = assign(candidates, {"source": width, "retry": width})

        given_away = [number for own in assignment.values() for topic, number in own]
        assert sorted(given_away) == sorted([*range(width)] * 2)
        for own in assignment.values():
            numbers = {topic: [n for t, n in own if t == topic] for topic in ("source", "retry")}
            assert numbers["source"] == numbers["retry"]

    def test_gives_a_topic_to_who_wants_it(self) -> None:
        candidates = [Candidate("a", None, ("one",)), Candidate("b", None, ("one", "two"))]

        assignment = assign(candidates, {"one": 2, "two": 1})

        assert assignment == {"a": [("one", 0)], "b": [("one", 1), ("two", 0)]}

    def test_sorts_static_members_by_their_name(self) -> None:
        candidates = [Candidate("z-1", "a", ("one",)), Candidate("a-1", "b", ("one",))]

        assert assign(candidates, {"one": 1}) == {"z-1": [("one", 0)], "a-1": []}


class TestGroupMetadata:
    @given(group=names, member=names | st.just(""), instance=names | st.none())
    def test_comes_back(self, group: str, member: str, instance: str | None) -> None:
        metadata = GroupMetadata(group, 7, member, instance)

        assert decode(encode(metadata)) == metadata

    def test_has_the_bytes_of_librdkafka(self) -> None:
        static = GroupMetadata("g", 1, "A-13e7f99f", "A")
        anonymous = GroupMetadata("g", -1, "", None)

        assert encode(static) == b"CGMDv2:\x01\x00\x00\x00g\x00A-13e7f99f\x00\x00A\x00"
        assert encode(anonymous) == b"CGMDv2:\xff\xff\xff\xffg\x00\x00\x01"


class TestAKeylessRecord:
    def test_goes_round_in_a_circle(self) -> None:
        partitioner = Partitioner("murmur2_random")

        assert [partitioner.choose(None, 3) for _ in range(4)] == [0, 1, 2, 0]
