"""The two subjects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from isthmus.kafka.local import KafkaCluster

from .fake_subject import FakeSubject
from .real_subject import RealSubject
from .subject import Subject

SUBJECTS = ["fake", pytest.param("real", marks=pytest.mark.kafka)]


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """A fresh fake cluster, or the session's Kafka."""
    yield from opened(request)


def opened(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Open the subject that ``request`` names, and close its clients afterwards."""
    if request.param == "fake":
        yield FakeSubject()
        return
    real: RealSubject = request.getfixturevalue("real_subject")
    yield real
    real.clear()


@pytest.fixture(scope="session")
def real_subject(kafka: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> RealSubject:
    """The session's Kafka as a subject."""
    return RealSubject(kafka.bootstrap_servers, tmp_path_factory.mktemp("doomed"))
