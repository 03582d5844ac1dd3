"""What happens in the demo, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

from isthmus.cli.demo import cast
from isthmus.cli.demo.ends import Amazon, NetSuite
from isthmus.cli.demo.evidence import Evidence, Order
from isthmus.cli.demo.narrator import Narrator
from isthmus.cli.demo.scene import SELLERS
from isthmus.cli.demo.supervisor import Collapsed, Program, Supervisor
from isthmus.cli.demo.tail import Tail
from isthmus.cli.demo.verdict import missing
from isthmus.ops.clock import Clock

WAVES: Final = 6
FIRST_SHARE: Final = 0.4
MIX: Final = {
    "mfn": 32, "fba": 28, "sfp": 8, "mixed": 8, "pending": 12, "cancelled": 5, "unknown_sku": 7,
}  # fmt: skip
KNOWN_SKUS: Final = [f"SKU-{number:04}" for number in range(1, 41)]
NEW_SKUS: Final = [f"NEW-{number:04}" for number in range(1, 4)]

VICTIMS: Final = (
    f"{cast.MAPPER}-0",
    f"{cast.INGEST}-0",
    f"{cast.WRITER}-0",
    f"{cast.ITEMS}-0",
    f"{cast.WRITER}-1",
    f"{cast.MAPPER}-1",
)

# One call in twenty. What strikes after the work was done is what tempts one to do it twice.
NETSUITE_FAULTS: Final = (
    {"kind": "commit_then_timeout", "rate": 0.01},
    {"kind": "reset", "rate": 0.01, "when": "after"},
    {"kind": "reset", "rate": 0.005, "when": "before"},
    {"kind": "status_429", "rate": 0.01},
    {"kind": "status_400_concurrency", "rate": 0.005},
    {"kind": "status_503_html", "rate": 0.004},
    {"kind": "slow", "rate": 0.004},
    {"kind": "expired_token", "rate": 0.002},
)
AMAZON_FAULTS: Final = (
    {"kind": "status_429", "rate": 0.01},
    {"kind": "status_503_html", "rate": 0.01},
    {"kind": "reset", "rate": 0.01, "when": "before"},
    {"kind": "commit_then_timeout", "rate": 0.01},
    {"kind": "slow", "rate": 0.005},
    {"kind": "expired_token", "rate": 0.005},
)

START_S: Final = 120.0
WAVE_S: Final = 2.0
BUSY_S: Final = 6.0
RELEASE_S: Final = 60.0
QUIET_S: Final = 90.0
STOP_S: Final = 30.0
LOOK_S: Final = 0.5


@dataclass(slots=True)
class Story:
    """One run, from the first order to the last booking."""

    amazon: Amazon
    netsuite: NetSuite
    supervisor: Supervisor
    tail: Tail
    clock: Clock
    narrator: Narrator
    orders: int
    seed: int
    _batches: int = field(default=0)

    def set_up(self) -> None:
        """Set the scene at both ends, as it is before anything of ours runs."""
        self.netsuite.add_items(KNOWN_SKUS)
        self.amazon.inject(AMAZON_FAULTS)
        self.netsuite.inject(NETSUITE_FAULTS)
        self.narrator.step(
            f"{len(KNOWN_SKUS)} items in NetSuite; at both ends one call in twenty will fail"
        )

    def play(self, workers: Sequence[Program]) -> Evidence:
        """Run it, and return what is found when all is quiet and the workers have ended."""
        for program in workers:
            self.supervisor.start(program)
        self.narrator.step(f"{len(workers)} workers started")
        # Before a single item is known: they must wait for the items, not be refused.
        self._place(round(self.orders * FIRST_SHARE))
        self.narrator.step("the first orders are placed")
        self._until_known(KNOWN_SKUS)
        self.narrator.step(f"{len(KNOWN_SKUS)} items are known in Kafka")
        self._until(lambda: bool(self.tail.outcomes), START_S, "the first booking")
        self._waves()
        self._release()
        self._until_quiet()
        self.supervisor.stop(patience_s=STOP_S)
        while self.tail.read() or not self.tail.is_at_the_end:
            pass
        return self._evidence()

    def _waves(self) -> None:
        """Let more orders come and old ones change, and kill a worker in each wave."""
        rest = self.orders - round(self.orders * FIRST_SHARE)
        for number, victim in zip(range(WAVES), cycle(VICTIMS), strict=False):
            self._place(rest * (number + 1) // WAVES - rest * number // WAVES)
            changed = sum(1 for _ in self._changes(number))
            seen = len(self.tail.facts)
            self._until_busy(victim, seen)
            self.supervisor.kill(victim)
            self.narrator.step(
                f"wave {number + 1} of {WAVES}: new orders, {changed} changed; kill -9 {victim}"
                f" ({len(self.tail.facts)} facts, {len(self.tail.outcomes)} booked)"
            )
            self._wait(WAVE_S)

    def _changes(self, number: int) -> Iterator[Order]:
        """Change some orders: every third, another third in each wave."""
        for place, order in enumerate(self.amazon.orders()):
            action = _next(order)
            if action is not None and (place + number) % 3 == 0:
                self.amazon.act(order, action)
                yield order

    def _until_busy(self, victim: str, seen: int) -> None:
        """Wait for a moment at which the victim has something in its hands."""
        tail = self.tail
        is_busy: Callable[[], bool] = {
            cast.WRITER: lambda: len(tail.commands) > len(tail.outcomes),
            cast.MAPPER: lambda: len(tail.facts) > seen,
            cast.INGEST: lambda: len(tail.facts) > seen,
            cast.ITEMS: lambda: True,
        }[victim.rpartition("-")[0]]
        until = self.clock.monotonic() + BUSY_S
        while not is_busy() and self.clock.monotonic() < until:
            self._turn()

    def _release(self) -> None:
        """Create what was unknown, and see the orders that wait for it go on by themselves."""
        waiting = self._waiting()
        self.netsuite.add_items(NEW_SKUS)
        self.narrator.step(
            f"{waiting} orders are dead letters for want of an item; the items are created in"
            " NetSuite now"
        )
        self._until_known(NEW_SKUS)
        self.narrator.step(f"{len(NEW_SKUS)} new items are known in Kafka")
        self._until(lambda: not self._waiting(), RELEASE_S, "their release", must=False)
        if not self._waiting():
            self.narrator.step("the mapper has sent all of them back by itself")

    def _waiting(self) -> int:
        return len({letter.key for letter in self.tail.letters if not letter.settled})

    def _until_known(self, skus: Sequence[str]) -> None:
        wanted = {(seller, sku) for seller in SELLERS for sku in skus}
        self._until(lambda: self.tail.items >= wanted, START_S, "facts of all items")

    def _until_quiet(self) -> None:
        self._until(self._is_quiet, QUIET_S, "quiet", must=False)
        self.narrator.step("all is quiet")

    def _is_quiet(self) -> bool:
        self.narrator.say(f"{len(self.tail.outcomes)} booked")
        self._wait(LOOK_S)
        evidence = self._evidence()
        return self.tail.is_at_the_end and not missing(evidence)

    def _evidence(self) -> Evidence:
        return Evidence(
            orders=self.amazon.orders(),
            facts=self.tail.facts,
            commands=self.tail.commands,
            outcomes=self.tail.outcomes,
            letters=self.tail.letters,
            booked=self.netsuite.booked(),
            calls=[*self.amazon.calls(), *self.netsuite.calls()],
            deaths=self.supervisor.deaths,
            unread=self.tail.unread(),
        )

    def _place(self, count: int) -> None:
        """Let buyers place orders of all kinds."""
        self._batches += 1
        if count:
            self.amazon.place(
                {
                    "count": count,
                    "seed": self.seed * 1000 + self._batches,
                    "mix": MIX,
                    "skus": KNOWN_SKUS,
                    "unknown_skus": NEW_SKUS,
                }
            )

    def _until(
        self, is_so: Callable[[], bool], bound_s: float, what: str, *, must: bool = True
    ) -> None:
        until = self.clock.monotonic() + bound_s
        while not is_so():
            if self.clock.monotonic() > until:
                if must:
                    raise Collapsed(f"{what} did not come within {bound_s:g} s")
                self.narrator.step(f"{what} did not come within {bound_s:g} s")
                return
            self._turn()

    def _wait(self, seconds: float) -> None:
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self._turn()

    def _turn(self) -> None:
        self.supervisor.tend()
        self.tail.read()


def _next(order: Order) -> str | None:
    """Return what could happen to an order next. What is paid is not cancelled in this story."""
    if order.status == "PENDING":
        return "cancel" if order.order_id.endswith("7") else "pay"
    if order.status == "UNSHIPPED":
        return "ship"
    return None
