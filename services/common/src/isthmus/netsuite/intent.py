"""Why a request is made, until when its answer is of use, and who may still make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

# Ship-by moment and age, both in seconds since 1970; the smaller goes first.
Priority: TypeAlias = tuple[float, float]

NO_HURRY: Final[Priority] = (float("inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Intent:
    """What the transport must know of a request beside its content.

    :param purpose: a short word for the count of calls, such as ``post`` or ``look``.
    :param deadline: monotonic seconds after which the answer comes too late.
    :param priority: the place in the queue for NetSuite's concurrency.
    :param is_current: asked right before each request; false keeps it from being sent.
    """

    purpose: str
    deadline: float
    priority: Priority = NO_HURRY
    is_current: Callable[[], bool] = lambda: True
