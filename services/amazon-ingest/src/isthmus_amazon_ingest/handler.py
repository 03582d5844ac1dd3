"""The feed ``orders-sweep``: every update of an order becomes a fact, or a dead letter."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.identifiers import record_key
from isthmus.core.records import Batch, Output, Refused
from isthmus.core.sealing import Sealer
from isthmus_amazon_ingest.domain.cursor import Cursor, read_cursor
from isthmus_amazon_ingest.domain.translator import (
    ORDER_ID,
    Reading,
    decoded,
    sealed,
    translated,
)
from isthmus_amazon_ingest.domain.wire import Head
from isthmus_amazon_ingest.domain.withholding import without_persons
from isthmus_amazon_ingest.ports import KeepRaw, OrderPages, Page, StaleToken

ORDERS: Final = "amazon.orders"
LETTER_BYTES_MAX: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class SweptAccount:
    """What the sweep knows of an account.

    :param since: where its first sweep begins; none: a while ago.
    """

    marketplaces: frozenset[str]
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SweepBounds:
    """How far back, how much at once, how much in memory.

    :param lookback: where the first sweep of an account begins that names no time.
    :param overlap: how much of the last window is read again: updates may appear late.
    :param seen_max: the updates that are remembered, so as not to be told twice.
    :param fact_bytes: the size of the largest order that becomes a fact.
    """

    lookback: timedelta
    overlap: timedelta
    seen_max: int
    fact_bytes: int


class OrdersSweep:
    """Reads the windows of an account, page by page; each page is a batch with its cursor."""

    def __init__(
        self,
        *,
        pages: OrderPages,
        sealer: Sealer,
        keep: KeepRaw,
        now: Callable[[], datetime],
        accounts: Mapping[str, SweptAccount],
        bounds: SweepBounds,
    ) -> None:
        self._pages = pages
        self._sealer = sealer
        self._keep = keep
        self._now = now
        self._accounts = accounts
        self._bounds = bounds

    def __call__(self, account: str, cursor: str | None) -> Iterator[Batch]:
        """Yield the pages of one window.

        :raises Retryable: Amazon does not answer now; what was yielded stays.
        :raises Rejected: the account cannot be swept until a person has acted.
        """
        position = self._beginning(account) if cursor is None else read_cursor(cursor)
        was_restarted = False
        while True:
            since = position.since or position.after - self._bounds.overlap
            try:
                page = self._pages(account=account, since=since, token=position.token)
            except StaleToken as error:
                if was_restarted:
                    raise Retryable(
                        "Amazon refuses the tokens that it gave", reason_class="unexpected-answer"
                    ) from error
                position, was_restarted = position.restarted(), True
                continue
            _refuse_circle(page, position)
            position, batch = self._read(account, position, page, since=since)
            yield batch
            if position.token is None:
                return

    def _beginning(self, account: str) -> Cursor:
        return Cursor(after=self._account(account).since or self._now() - self._bounds.lookback)

    def _account(self, name: str) -> SweptAccount:
        if name not in self._accounts:
            raise Rejected(
                f"account {name} is not in the file of accounts. Remedy: add it there",
                reason_class="unknown-account",
            )
        return self._accounts[name]

    def _read(
        self, account: str, position: Cursor, page: Page, *, since: datetime
    ) -> tuple[Cursor, Batch]:
        reading = Reading(
            account=account,
            marketplaces=self._account(account).marketplaces,
            now=self._now(),
        )
        facts: list[Output] = []
        refused: list[Refused] = []
        told: dict[str, datetime] = {}
        for raw in page.orders:
            name, updated = _update_of(raw, unknown=page.before or position.after)
            if updated in {position.seen.get(name), told.get(name)}:
                continue
            told[name] = updated
            match self._fact_or_refusal(raw, name, reading):
                case Output() as fact:
                    facts.append(fact)
                case Refused() as refusal:
                    refused.append(refusal)
        turned = position.turned(
            since=since,
            next_token=page.next_token,
            before=page.before,
            told=told,
            overlap=self._bounds.overlap,
            seen_max=self._bounds.seen_max,
        )
        outputs = (*self._sealer.new_keys(), *facts)
        return turned, Batch(outputs=outputs, cursor=turned.text(), refused=tuple(refused))

    def _fact_or_refusal(self, raw: bytes, name: str, reading: Reading) -> Output | Refused:
        key = record_key(reading.account, name)
        try:
            self._refuse_too_large(raw)
            translation = translated(raw, reading=reading)
        except Rejected as error:
            return Refused(
                topic=ORDERS,
                key=key,
                raw=without_persons(raw)[:LETTER_BYTES_MAX],
                reason_class=error.reason_class,
                detail=error.detail,
                path=error.path,
            )
        # A sealer that fails is no fault of the order: the feed stops.
        return Output(topic=ORDERS, key=key, value=sealed(translation, self._sealer))

    def _refuse_too_large(self, raw: bytes) -> None:
        if len(raw) <= self._bounds.fact_bytes:
            return
        sha256 = hashlib.sha256(raw).hexdigest()
        kept = self._keep(raw, sha256=sha256)
        raise Rejected(
            f"the order has {len(raw)} bytes, and a fact at most {self._bounds.fact_bytes};"
            f" sha256 {sha256}; {kept}",
            reason_class="too-large",
        )


def _update_of(raw: bytes, *, unknown: datetime) -> tuple[str, datetime]:
    """Return which order and which update it is; of one that cannot be read, its hash."""
    try:
        head = decoded(raw, Head)
    except Rejected:
        head = None
    if head is None or not ORDER_ID.fullmatch(head.order_id):
        return f"unreadable-{hashlib.sha256(raw).hexdigest()[:16]}", unknown
    return head.order_id, head.last_updated_time


def _refuse_circle(page: Page, position: Cursor) -> None:
    if page.next_token is not None and page.next_token == position.token:
        raise Retryable("Amazon hands out the same page again", reason_class="unexpected-answer")
