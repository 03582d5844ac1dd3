"""Puts the feeds together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from isthmus.core.records import Poll
from isthmus.netsuite.calls import CallMetrics
from isthmus.netsuite.connection import connected
from isthmus.netsuite.governor import FixedConcurrency
from isthmus.netsuite.ports import NetSuite
from isthmus.ops.clock import Clock
from isthmus.ops.metrics import Metrics
from isthmus_inventory_publisher.adapters import SuiteQLItems
from isthmus_inventory_publisher.domain.translator import ITEMS_FEED
from isthmus_inventory_publisher.handler import FeedBounds, ItemsFeed
from isthmus_inventory_publisher.settings import PollSettings, PublisherSettings


@dataclass(frozen=True, slots=True)
class Feeds:
    """What the source runs: every feed for every account."""

    accounts: tuple[str, ...]
    polls: Mapping[str, Poll]


@contextmanager
def build_feeds(*, settings: PublisherSettings, clock: Clock, metrics: Metrics) -> Iterator[Feeds]:
    """Hold the connection to NetSuite for the block; nothing is sent before the first poll."""
    netsuite = settings.netsuite
    with connected(
        netsuite,
        governor=FixedConcurrency(netsuite.concurrency, clock=clock),
        clock=clock,
        count=CallMetrics(metrics, settings.service),
    ) as account:
        feed = items_feed(account, settings.poll, clock=clock)
        yield Feeds(accounts=settings.poll.accounts, polls={ITEMS_FEED: feed})


def items_feed(account: NetSuite, settings: PollSettings, *, clock: Clock) -> ItemsFeed:
    """Return the feed of this account's items."""
    table = SuiteQLItems(
        account=account,
        time=clock,
        page_size=settings.page_size,
        pages_max=settings.pages_max,
        query_s=settings.query_s,
    )
    # The overlap is not scaled: NetSuite tells whole seconds.
    bounds = FeedBounds(overlap=timedelta(seconds=settings.overlap_s), seen_max=settings.seen_max)
    return ItemsFeed(table=table, bounds=bounds)
