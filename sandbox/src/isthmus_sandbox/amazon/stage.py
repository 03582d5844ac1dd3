"""What happens at the simulated Amazon besides requests: orders come, and change."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from isthmus_sandbox.amazon.accounts import Account, Accounts
from isthmus_sandbox.amazon.evolution import Action, evolved, natural_action
from isthmus_sandbox.amazon.examples import EXAMPLES_ACCOUNT
from isthmus_sandbox.amazon.generator import GenerationSpec, generated
from isthmus_sandbox.amazon.orders import Document, Order, moment
from isthmus_sandbox.amazon.store import Orders
from isthmus_sandbox.clock import Clock
from isthmus_sandbox.journal import Journal

STEPS_MAX: Final = 5000


class EvolutionSpec(BaseModel):
    """So many likely changes to orders picked by chance."""

    model_config = ConfigDict(extra="forbid")

    steps: int = Field(ge=1, le=STEPS_MAX)
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Stage:
    """Where orders come and change. Every change is in the journal."""

    clock: Clock
    accounts: Accounts
    orders: Orders
    journal: Journal

    def place(self, spec: GenerationSpec) -> list[Order]:
        """Invent orders and keep them.

        :raises LookupError: when there is no such account.
        """
        spread = timedelta(seconds=self.clock.scaled(spec.spread_s))
        age = timedelta(seconds=self.clock.scaled(spec.age_s))
        placed = list(
            generated(
                spec,
                accounts=self._sellers(spec.account),
                first_serial=self.orders.last_serial() + 1,
                youngest=self.clock.now() - age,
                spread=spread,
            )
        )
        self.orders.add(placed)
        self._write("control.place", None, f"{len(placed)} orders", spec.model_dump(mode="json"))
        return placed

    def change(self, order_id: str, action: Action) -> Order:
        """Let something happen to an order.

        :raises LookupError: when there is no such order.
        :raises NotPossible: when its state does not allow this.
        """
        before = self.orders.find(order_id)
        if before is None:
            raise LookupError(f"There is no order {order_id}.")
        after = evolved(before, action, now=self.clock.now())
        self.orders.replace(after)
        effect = f"{before.status.value} -> {after.status.value}"
        detail = {"action": action.value, "updated": moment(after.updated)}
        self._write("control.change", order_id, effect, detail)
        return after

    def evolve(self, spec: EvolutionSpec) -> list[Order]:
        """Let likely things happen to orders picked by chance, while there are any to pick."""
        chance = random.Random(spec.seed)
        changed: list[Order] = []
        unfinished = self.orders.unfinished_ids()
        while unfinished and len(changed) < spec.steps:
            position = chance.randrange(len(unfinished))
            order = self.orders.find(unfinished[position])
            action = natural_action(order, chance) if order else None
            if order is None or action is None:
                unfinished.pop(position)
                continue
            changed.append(self.change(order.order_id, action))
        return changed

    def _sellers(self, name: str | None) -> Sequence[Account]:
        if name is None:
            return [a for a in self.accounts.all() if a.name != EXAMPLES_ACCOUNT]
        account = self.accounts.named(name)
        if account is None:
            raise LookupError(f"There is no account {name!r}.")
        return [account]

    def _write(self, operation: str, key: str | None, effect: str, detail: Document) -> None:
        self.journal.append(
            time=self.clock.now(),
            operation=operation,
            key=key,
            status=200,
            effect=effect,
            detail=detail,
        )
