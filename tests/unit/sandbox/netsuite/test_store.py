"""The store: groups, numbers, uniqueness, and what stays on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from isthmus_sandbox.netsuite.account import Account
from isthmus_sandbox.netsuite.records.store import (
    DuplicateExternalId,
    DuplicateName,
    Record,
    Store,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return a_store(tmp_path)


def a_store(folder: Path) -> Store:
    return Store((folder / "records.sqlite").as_uri(), account=Account())


def put(
    store: Store, external_id: str | None, *, group: str = "transaction", name: str | None = None
) -> Record:
    return store.create(
        type="salesOrder", group=group, external_id=external_id, name=name, body={}, now=NOW
    )


class TestStore:
    def test_refuses_an_external_id_twice_in_a_group(self, store: Store) -> None:
        put(store, "A")

        with pytest.raises(DuplicateExternalId):
            put(store, "A")

    def test_takes_an_external_id_in_each_group(self, store: Store) -> None:
        put(store, "A", group="transaction")

        assert put(store, "A", group="other").external_id == "A"

    def test_takes_any_number_of_records_without_external_id(self, store: Store) -> None:
        assert put(store, None).id != put(store, None).id

    def test_refuses_a_change_to_an_external_id_in_use(self, store: Store) -> None:
        put(store, "A")
        other = put(store, "B")

        with pytest.raises(DuplicateExternalId):
            store.save(replace(other, external_id="A"), now=NOW)

    @pytest.mark.parametrize("group", ["item", "entity"])
    def test_refuses_a_name_twice_where_names_are_unique(self, store: Store, group: str) -> None:
        put(store, "A", group=group, name="N")

        with pytest.raises(DuplicateName):
            put(store, "B", group=group, name="N")

    def test_takes_a_name_twice_elsewhere(self, store: Store) -> None:
        put(store, "A", name="N")

        assert put(store, "B", name="N").name == "N"

    def test_leaves_nothing_of_a_refused_creation(self, store: Store) -> None:
        put(store, "A")

        with pytest.raises(DuplicateExternalId):
            put(store, "A")

        [(_, creations, _)] = store.page(type=None, after=0, limit=10)
        assert creations == 1

    def test_counts_creations_also_of_what_was_deleted(self, store: Store) -> None:
        store.delete(put(store, "A"))
        again = put(store, "A")

        [(_, creations, record)] = store.page(type=None, after=0, limit=10)
        assert (creations, record.id) == (2, again.id)

    def test_never_gives_an_internal_id_again(self, store: Store) -> None:
        first = put(store, "A")
        store.delete(first)

        assert put(store, "B").id == first.id + 1

    def test_has_everything_after_a_restart(self, tmp_path: Path) -> None:
        before = a_store(tmp_path)
        put(before, "A")
        before.put_setting("s", "v")
        before.close()

        after = a_store(tmp_path)

        assert after.by_external_id("transaction", "A") is not None
        assert after.setting("s") == "v"
