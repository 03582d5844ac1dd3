"""How far the items of an account were read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from isthmus.core.errors import Rejected
from isthmus.messages.fields import Time
from isthmus_inventory_publisher.domain.clocks import AccountClock

BEGINNING: Final = datetime(1990, 1, 1, tzinfo=UTC)
DIGEST_LENGTH: Final = 12


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the stream of an account's changed items.

    :param watermark: every change before it was read; never later than NetSuite's time at the
        begin of the poll that moved it.
    :param seen: the changes of the overlap, by internal id: moment by the account's clock, and
        digest. The moment alone is not enough: it has whole seconds, and an item may change twice.
    :param is_whole: whether a poll has come to the end, and that was told.
    """

    watermark: Time = BEGINNING
    seen: dict[str, str] = {}
    is_whole: bool = False

    def text(self) -> str:
        """Return the form in which a checkpoint keeps it."""
        return msgspec.json.encode(self, order="sorted").decode()

    def knows(self, row: Mapping[str, str]) -> bool:
        """Tell whether this very change was read before."""
        return self.seen.get(row.get("id", "")) == mark_of(row)

    def moved(
        self,
        *,
        read_to: datetime,
        marks: Mapping[str, str],
        clock: AccountClock,
        overlap: timedelta,
        seen_max: int,
    ) -> Cursor:
        """Go on behind a page.

        :param read_to: the moment of its last change.
        :param marks: its changes, by internal id.
        """
        watermark = max(self.watermark, min(read_to, clock.read_at))
        oldest = clock.local(watermark - overlap)
        recent = {key: mark for key, mark in {**self.seen, **marks}.items() if mark >= oldest}
        # Those forgotten are told once more, which changes nothing.
        latest = sorted(recent.items(), key=lambda one: one[1])[-seen_max:]
        return Cursor(watermark=watermark, seen=dict(latest), is_whole=self.is_whole)

    def at_the_end(self) -> Cursor:
        """Note that everything was read once."""
        return msgspec.structs.replace(self, is_whole=True)


def mark_of(row: Mapping[str, str]) -> str:
    """Return the moment of a change, followed by a digest of what the item is since."""
    content = msgspec.json.encode(dict(row), order="sorted")
    digest = hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]
    return f"{row.get('modified', '')} {digest}"


def read_cursor(text: str | None) -> Cursor:
    """Read what ``Cursor.text`` wrote; nothing is the beginning.

    :raises Rejected: it is something else.
    """
    if text is None:
        return Cursor()
    try:
        return msgspec.json.decode(text, type=Cursor)
    except msgspec.MsgspecError as error:
        raise Rejected(
            f"the checkpoint of the items feed cannot be read: {error}. Remedy: delete it; all"
            " items are then read and told anew, which changes nothing",
            reason_class="unreadable-cursor",
        ) from error
