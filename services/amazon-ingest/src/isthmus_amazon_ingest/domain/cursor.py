"""How far the sweep of an account has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from isthmus.core.errors import Rejected
from isthmus.messages.fields import Time


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place in the stream of an account's order updates.

    :param after: every update before it was read.
    :param since: the lower bound that the window under way was asked for with; Amazon wants to see
        it unchanged with each token.
    :param before: the upper bound of the window under way, as Amazon echoed it on the first page.
    :param token: leads to the next page of the window under way.
    :param seen: the updates of late, by order: those that the next window may show again.
    """

    after: Time
    since: Time | None = None
    before: Time | None = None
    token: str | None = None
    seen: dict[str, Time] = {}

    def text(self) -> str:
        """Return the form in which a checkpoint keeps it."""
        return msgspec.json.encode(self).decode()

    def restarted(self) -> Cursor:
        """Go back to the beginning of the window under way."""
        return Cursor(after=self.after, seen=self.seen)

    def turned(
        self,
        *,
        since: datetime,
        next_token: str | None,
        before: datetime | None,
        told: Mapping[str, datetime],
        overlap: timedelta,
        seen_max: int,
    ) -> Cursor:
        """Go on to the next page, or past the window when there is none.

        :param before: the upper bound that Amazon echoed. Without one nothing counts as read, and
            the next window begins where this one did.
        :param told: the updates that the page showed.
        """
        # The first page's bound: a later echo may lie beyond what the first pages could show.
        bound = self.before or before
        read_to = max(self.after, bound or self.after)
        seen = _latest({**self.seen, **told}, since=read_to - overlap, at_most=seen_max)
        if next_token is None:
            return Cursor(after=read_to, seen=seen)
        return Cursor(after=self.after, since=since, before=bound, token=next_token, seen=seen)


def read_cursor(text: str) -> Cursor:
    """Read what ``Cursor.text`` wrote.

    :raises Rejected: it is something else.
    """
    try:
        return msgspec.json.decode(text, type=Cursor)
    except msgspec.MsgspecError as error:
        raise Rejected(
            f"the checkpoint of the orders sweep cannot be read: {error}. Remedy: delete it; the"
            " sweep then begins anew, and orders that are known already stay as they are",
            reason_class="unreadable-cursor",
        ) from error


def _latest(
    updates: Mapping[str, datetime], *, since: datetime, at_most: int
) -> dict[str, datetime]:
    newest_first = sorted(updates.items(), key=lambda entry: entry[1], reverse=True)
    return {order: time for order, time in newest_first[:at_most] if time >= since}
