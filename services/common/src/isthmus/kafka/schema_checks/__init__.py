"""What must hold of schemas, structs, examples and the list of topics before anything is written.

Each check yields what is wrong; nothing here needs Kafka or a registry.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from isthmus.kafka import schemas as schema_files
from isthmus.kafka import topics
from isthmus.kafka.codec import Codec, Types
from isthmus.kafka.schema_checks import (
    compatibility,
    examples,
    meaning,
    personal_data,
    structs,
    words,
)
from isthmus.messages import RECORDS
from isthmus.ops.configuration import ConfigurationError, Problem


def problems(folder: Path, *, types: Types = RECORDS) -> Iterator[Problem]:
    """Yield everything that is wrong below the folder ``schemas``.

    :raises ConfigurationError: something cannot even be read.
    """
    schemas = schema_files.load(folder)
    topology = topics.load(folder / "topics.yaml")
    yield from compatibility.problems(schemas)
    yield from meaning.problems(schemas)
    yield from words.problems(schemas)
    yield from personal_data.problems(schemas, topology=topology)
    yield from structs.problems(schemas, types=types)
    try:
        Codec(schemas=schemas, topology=topology, types=types)
    except ConfigurationError as error:
        yield from error.problems
    yield from examples.problems(folder / "examples", schemas=schemas, types=types)
