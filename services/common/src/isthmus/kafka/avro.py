"""One record type at a time: bytes to struct and back, by fastavro and msgspec."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import fastavro
import msgspec
from fastavro.read import SchemaResolutionError

from isthmus.core.errors import Rejected
from isthmus.core.money import QUANTUM
from isthmus.kafka import datum
from isthmus.kafka.schemas import Schema
from isthmus.kafka.undecodable import Cause, Undecodable

AVRO_TYPES: Final = (Decimal, datetime, date, bytes)
BEYOND_THE_END: Final = b"\x00"

# What fastavro raises on bytes or values that do not fit; it promises no single exception.
MISFITS: Final = (
    ArithmeticError,
    EOFError,
    LookupError,
    SchemaResolutionError,
    StopIteration,
    TypeError,
    ValueError,
)


class Unencodable(Rejected):
    """The struct holds what nobody could read back."""

    def __init__(self, detail: str, *, path: str = "") -> None:
        super().__init__(detail, reason_class="unencodable", path=path)


class AvroReader:
    """Reads what one version wrote, as the struct of today.

    :param written: the version of the writer.
    :param current: the version of today.
    """

    def __init__(self, *, written: Schema, current: Schema, struct: type[msgspec.Struct]) -> None:
        self._written = written.parsed
        # Resolution between two versions costs twice the time, so it is asked for only if needed.
        self._current = None if written.fingerprint == current.fingerprint else current.parsed
        self._finish = datum.from_wire(current)
        self._struct = struct

    def read(self, value: bytes, start: int) -> msgspec.Struct:
        """Read the record that begins at a byte and must end with the last one.

        :raises Undecodable: tells the byte or the field.
        """
        # fastavro takes a short read for the whole string; beyond the end there is a byte to catch
        # it with.
        stream = io.BytesIO(value + BEYOND_THE_END)
        stream.seek(start)
        kinds = self._finish is not None
        try:
            content = fastavro.schemaless_reader(stream, self._written, self._current, kinds, kinds)
            if stream.tell() == len(value):
                content = content if self._finish is None else self._finish(content)
                return msgspec.convert(content, self._struct, builtin_types=AVRO_TYPES)
        except msgspec.ValidationError as error:
            what, where = _what_and_where(error)
            raise Undecodable(Cause.INVALID_VALUE, what, place=where) from error
        except MISFITS as error:
            raise _unreadable(error, at=stream.tell(), size=len(value)) from error
        raise _wrong_length(at=stream.tell(), size=len(value))


class AvroWriter:
    """Writes structs of one type with the schema of today, behind a prefix."""

    def __init__(self, schema: Schema, *, struct: type[msgspec.Struct], prefix: bytes) -> None:
        self._schema = schema
        self._struct = struct
        self._prefix = prefix
        self._hint = datum.to_wire(schema)

    def write(self, value: msgspec.Struct) -> bytes:
        """Write a struct that can be read back.

        :raises Unencodable: tells the field.
        """
        content = msgspec.to_builtins(value, builtin_types=AVRO_TYPES)
        try:
            msgspec.convert(content, self._struct, builtin_types=AVRO_TYPES)
        except msgspec.ValidationError as error:
            what, where = _what_and_where(error)
            raise Unencodable(what, path=where) from error
        try:
            return self._written(content)
        except MISFITS:
            # 1.50000 is refused for its last zero, which is nothing to refuse a record for.
            exact = _quantized(msgspec.to_builtins(value, builtin_types=AVRO_TYPES))
        try:
            return self._written(exact)
        except MISFITS as error:
            # fastavro's own words quote the value, which may be anything.
            what = f"{type(error).__name__} while {self._schema.name} was written"
            raise Unencodable(what) from None

    def _written(self, content: Any) -> bytes:
        stream = io.BytesIO()
        stream.write(self._prefix)
        hinted = content if self._hint is None else self._hint(content)
        fastavro.schemaless_writer(stream, self._schema.parsed, hinted)
        return stream.getvalue()


def _quantized(content: Any) -> Any:
    if isinstance(content, Decimal):
        return content.quantize(QUANTUM)
    if isinstance(content, dict):
        return {name: _quantized(part) for name, part in content.items()}
    if isinstance(content, list | tuple):
        return [_quantized(part) for part in content]
    return content


def _what_and_where(error: msgspec.ValidationError) -> tuple[str, str]:
    what, _, where = str(error).partition(" - at `")
    return what, where.removesuffix("`")


def _unreadable(error: Exception, *, at: int, size: int) -> Undecodable:
    if at > size:
        return _wrong_length(at=at, size=size)
    what = f"{type(error).__name__}: the bytes do not follow the schema that they name"
    return Undecodable(Cause.UNREADABLE, what, place=f"byte {at}")


def _wrong_length(*, at: int, size: int) -> Undecodable:
    if at > size:
        what = f"the value ends in the middle of the record, after {size} bytes"
        return Undecodable(Cause.TRUNCATED, what, place=f"byte {size}")
    what = f"{size - at} bytes stand behind the end of the record"
    return Undecodable(Cause.TRAILING_BYTES, what, place=f"byte {at}")
