"""What a call raised, in a form that tests compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from confluent_kafka import KafkaError, KafkaException


class Raised(NamedTuple):
    """The code of an error, by name, and the flags that tell the core what to do."""

    code: str
    fatal: bool = False
    abortable: bool = False


def fatal(code: str) -> Raised:
    """Return an error that ends the client."""
    return Raised(code, fatal=True)


def abortable(code: str) -> Raised:
    """Return an error that ends the transaction."""
    return Raised(code, abortable=True)


def raised_by(call: Callable[[], object]) -> Raised:
    """Return the error that ``call`` raises as a ``KafkaException``."""
    with pytest.raises(KafkaException) as caught:
        call()
    return described(caught.value.args[0])


def described(error: KafkaError) -> Raised:
    """Return code and flags of an error."""
    return Raised(error.name(), error.fatal(), error.txn_requires_abort())


def fatal_error_of(call: Callable[[], object]) -> Raised | None:
    """Return the fatal error that ``poll`` or ``flush`` raises, if it does.

    Where delivery callbacks wait at the same time, the client raises a ``SystemError`` that was
    caused by it.
    """
    try:
        call()
    except (KafkaException, SystemError) as raised:
        cause = raised.__cause__ if isinstance(raised, SystemError) else raised
        return described(cause.args[0]) if isinstance(cause, KafkaException) else None
    return None
