"""JSON as NetSuite speaks it: numbers are decimals both ways, never floats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

Body: TypeAlias = Mapping[str, object]

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


def encode(body: Body) -> bytes:
    """Write a request's body.

    :raises TypeError: for a float or a decimal that is no number; the message names the place.
    """
    _refuse_inexact(body, "")
    return _ENCODER.encode(body)


def decode(content: bytes) -> Any:
    """Read an answer's body.

    :raises ValueError: it is not JSON, as an edge proxy's page or the first half of an answer.
    """
    try:
        return _DECODER.decode(content)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error


def decode_object(content: bytes) -> dict[str, Any]:
    """Read a body that must be a JSON object.

    :raises ValueError: it is anything else.
    """
    body = decode(content)
    if not isinstance(body, dict):
        raise ValueError(f"expected an object, got {type(body).__name__}")
    return body


def _refuse_inexact(value: object, path: str) -> None:
    if isinstance(value, float):
        raise TypeError(f"{path} is a float: amounts and rates are decimals")
    if isinstance(value, Decimal) and not value.is_finite():
        raise TypeError(f"{path} is {value}: not a number that JSON can carry")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _refuse_inexact(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for index, inner in enumerate(value):
            _refuse_inexact(inner, f"{path}[{index}]")
