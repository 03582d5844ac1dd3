"""Personal data is readable with its order's key, and in no other way."""

from __future__ import annotations

import base64

import pytest

from isthmus.core.errors import Rejected
from isthmus.core.sealing import KeyNotSeen
from isthmus.messages.control import OrderKey
from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.sealing import MasterKey, TableKeys
from isthmus.testing.clock import VirtualClock

ORDER = "acme/111-1234567-1234567"
OTHER = "acme/111-7654321-7654321"
PLAIN = b'{"name":"Jane Doe"}'


class Rows(dict[str, OrderKey]):
    """A table in memory."""

    def find(self, index: str) -> tuple[OrderKey, ...]:
        raise NotImplementedError


def master(byte: bytes = b"m") -> MasterKey:
    return MasterKey.of(base64.b64encode(byte * 32).decode())


def keys(rows: Rows, *, by: MasterKey | None = None) -> TableKeys:
    return TableKeys("isthmus.order-keys", rows, by or master(), VirtualClock())


def sealed_and_stored(rows: Rows) -> bytes:
    sealer = keys(rows)
    sealed = sealer.seal(record_key=ORDER, field="buyer", plain=PLAIN)
    for output in sealer.new_keys():
        assert isinstance(output.value, OrderKey)
        rows[output.key] = output.value
    return sealed


class TestSealed:
    def test_opens_with_the_key_that_was_written_along(self) -> None:
        rows = Rows()
        sealed = sealed_and_stored(rows)

        assert keys(rows).open(record_key=ORDER, field="buyer", sealed=sealed) == PLAIN

    def test_does_not_show_what_it_holds(self) -> None:
        rows = Rows()

        assert b"Jane" not in sealed_and_stored(rows)

    def test_hands_a_new_key_over_once(self) -> None:
        sealer = keys(Rows())
        sealer.seal(record_key=ORDER, field="buyer", plain=PLAIN)

        assert len(sealer.new_keys()) == 1
        assert sealer.new_keys() == ()

    def test_uses_the_key_that_the_order_has(self) -> None:
        rows = Rows()
        sealed_and_stored(rows)
        again = keys(rows)

        again.seal(record_key=ORDER, field="recipient", plain=PLAIN)

        assert again.new_keys() == ()

    def test_cannot_be_moved_to_another_field(self) -> None:
        rows = Rows()
        sealed = sealed_and_stored(rows)

        with pytest.raises(Rejected, match="changed or moved"):
            keys(rows).open(record_key=ORDER, field="recipient", sealed=sealed)

    def test_cannot_be_moved_to_another_order(self) -> None:
        rows = Rows()
        sealed = sealed_and_stored(rows)
        sealer = keys(rows)
        sealer.seal(record_key=OTHER, field="buyer", plain=b"")

        with pytest.raises(Rejected, match="changed or moved"):
            sealer.open(record_key=OTHER, field="buyer", sealed=sealed)

    def test_waits_for_a_key_that_has_not_come(self) -> None:
        sealed = sealed_and_stored(Rows())

        with pytest.raises(KeyNotSeen):
            keys(Rows()).open(record_key=ORDER, field="buyer", sealed=sealed)

    def test_names_the_master_key_that_is_missing(self) -> None:
        rows = Rows()
        sealed = sealed_and_stored(rows)

        with pytest.raises(Rejected, match="master key"):
            keys(rows, by=master(b"n")).open(record_key=ORDER, field="buyer", sealed=sealed)


class TestMasterKey:
    def test_is_not_shown(self) -> None:
        assert "mmmm" not in repr(master())

    @pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 16).decode()])
    def test_refuses_what_is_not_32_bytes_and_does_not_repeat_it(self, text: str) -> None:
        with pytest.raises(ConfigurationError) as refusal:
            MasterKey.of(text)

        assert "ISTHMUS_MASTER_KEY" in str(refusal.value)
        assert not text or text not in str(refusal.value)
