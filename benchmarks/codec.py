"""The codec against bare fastavro, with the same schema: what types and checks cost."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from fastavro import schemaless_reader, schemaless_writer
from fastavro.types import Schema

from benchmarks.bench import Bench
from benchmarks.figures import Figure
from benchmarks.loads import ORDERS, order
from isthmus.kafka import schemas, topics
from isthmus.kafka.codec import Codec
from isthmus.ops.settings import SchemaSettings

RECORDS: Final = 10_000
PREFIX_BYTES: Final = 10


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield how fast orders are encoded and decoded."""
    folder = SchemaSettings().schemas_dir
    known = schemas.load(folder)
    topology = topics.load(folder.parent / "benchmarks" / "topics.yaml")
    codec = Codec(schemas=known, topology=topology)
    schema = known.current("isthmus.amazon.Order").parsed
    structs = [order(number) for number in range(RECORDS)]
    values = [codec.encode(ORDERS, struct) for struct in structs]
    dicts = [_read(value, schema) for value in values]

    def write(record: dict[str, Any]) -> bytes:
        stream = io.BytesIO()
        schemaless_writer(stream, schema, record)
        return stream.getvalue()

    decoded = bench.alternate(
        "codec, decode",
        {
            "fastavro": lambda: _rate(lambda value: _read(value, schema), values),
            "ours": lambda: _rate(lambda value: codec.decode(ORDERS, value), values),
        },
    )
    yield _figure("decode an order into its struct", decoded)
    encoded = bench.alternate(
        "codec, encode",
        {
            "fastavro": lambda: _rate(write, dicts),
            "ours": lambda: _rate(lambda struct: codec.encode(ORDERS, struct), structs),
        },
    )
    yield _figure("encode an order from its struct", encoded)


def _read(value: bytes, schema: Schema) -> Any:
    stream = io.BytesIO(value)
    stream.seek(PREFIX_BYTES)
    return schemaless_reader(stream, schema, None)


def _rate(do: Callable[[Any], object], things: Sequence[Any]) -> float:
    began = time.perf_counter()
    for thing in things:
        do(thing)
    return len(things) / (time.perf_counter() - began)


def _figure(name: str, measured: dict[str, list[float]]) -> Figure:
    return Figure(
        name=name,
        unit="records/s",
        values=measured["ours"],
        baselines=measured["fastavro"],
        against="bare fastavro, dicts",
    )
