"""Puts the feeds together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from isthmus.amazon.accounts import Account, OtherMarketplaces, read_accounts, read_credentials
from isthmus.amazon.calls import CallOutcome, CountCall
from isthmus.amazon.connections import connected
from isthmus.amazon.orders import OrderSearch
from isthmus.amazon.transport import Connection
from isthmus.core.sealing import Sealer
from isthmus.kafka.source import Feed
from isthmus.ops.clock import Clock
from isthmus.ops.metrics import Metrics
from isthmus_amazon_ingest.adapters import RawFolder, SearchedAccount, SearchedPages
from isthmus_amazon_ingest.domain.translator import SECTIONS
from isthmus_amazon_ingest.handler import OrdersSweep, SweepBounds, SweptAccount
from isthmus_amazon_ingest.settings import IngestSettings

SWEEP: Final = "orders-sweep"
PURPOSE: Final = "sweep"


@dataclass(frozen=True, slots=True)
class Feeds:
    """What the source polls.

    :param accounts: the seller accounts, in the order of the file.
    """

    accounts: tuple[str, ...]
    settings: IngestSettings
    clock: Clock
    swept: Mapping[str, SweptAccount]
    pages: SearchedPages

    def of(self, sealer: Sealer) -> tuple[Feed, ...]:
        """Return the feeds of one account's owner.

        :param sealer: the owner's own: the keys it makes belong into the owner's transactions.
        """
        settings = self.settings
        sweep = OrdersSweep(
            pages=self.pages,
            sealer=sealer,
            keep=RawFolder(folder=settings.refused_dir, bytes_max=settings.refused_bytes),
            now=self.clock.now,
            accounts=self.swept,
            bounds=SweepBounds(
                lookback=timedelta(seconds=settings.sweep.lookback_s),
                # It makes up for Amazon's lateness, which a clock factor shortens.
                overlap=timedelta(seconds=self.clock.scaled(settings.sweep.overlap_s)),
                seen_max=settings.sweep.seen_max,
                fact_bytes=settings.limits.fact_bytes,
            ),
        )
        return (Feed(name=SWEEP, every_s=settings.sweep.interval_s, poll=sweep),)


@contextmanager
def build_feeds(*, settings: IngestSettings, clock: Clock, metrics: Metrics) -> Iterator[Feeds]:
    """Hold the connections to Amazon for the block. Nothing is sent before the first poll.

    :raises ConfigurationError: naming what is wrong in the file of accounts or the environment.
    """
    accounts = read_accounts(settings.accounts_path)
    with connected(
        accounts=accounts,
        credentials=read_credentials(accounts),
        settings=settings.amazon,
        count=counting(metrics, service=settings.service),
        clock=clock,
    ) as connections:
        yield Feeds(
            accounts=tuple(accounts),
            settings=settings,
            clock=clock,
            swept={
                name: SweptAccount(frozenset(account.marketplaces), account.orders_since)
                for name, account in accounts.items()
            },
            pages=_pages(accounts, connections, page_size=settings.sweep.page_size),
        )


def counting(metrics: Metrics, *, service: str) -> CountCall:
    """Return the counter of calls. Accounts are not told apart: their number has no bound."""

    def count(
        *, account: str, operation: str, purpose: str, outcome: CallOutcome, seconds: float
    ) -> None:
        del account
        labels = (service, "amazon", operation, purpose, outcome.value)
        metrics.outside_calls.labels(*labels).inc()
        metrics.outside_calls_seconds.labels(*labels).observe(seconds)

    return count


def _pages(
    accounts: Mapping[str, Account], connections: Mapping[str, Connection], *, page_size: int
) -> SearchedPages:
    def searched(name: str, account: Account) -> SearchedAccount:
        is_limited = account.other_marketplaces is OtherMarketplaces.IGNORE
        return SearchedAccount(
            search=OrderSearch(connection=connections[name], purpose=PURPOSE),
            marketplaces=account.marketplaces if is_limited else (),
        )

    return SearchedPages(
        accounts={name: searched(name, account) for name, account in accounts.items()},
        sections=SECTIONS,
        page_size=page_size,
    )
