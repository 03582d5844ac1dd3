from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.jars import (
    KAFKA_VERSION,
    REGISTRY_VERSION,
    LockedFile,
    fetched,
    locked_files,
)
from isthmus.kafka.local.settings import EmbeddedSettings

CONTENT = b"a jar"


def a_locked_file(*, content: bytes = CONTENT, name: str = "thing") -> LockedFile:
    return LockedFile(
        sha256=hashlib.sha256(content).hexdigest(), coordinate=f"org.example:{name}:1.0"
    )


@pytest.fixture
def settings(tmp_path: Path) -> EmbeddedSettings:
    settings = EmbeddedSettings(cache_home=tmp_path)
    settings.files.mkdir(parents=True)
    return settings


class TestLockedFile:
    def test_is_named_by_artifact_and_version(self) -> None:
        assert a_locked_file().name == "thing-1.0.jar"

    def test_is_named_by_classifier_and_packaging_too(self) -> None:
        file = LockedFile(sha256="", coordinate="org.example:thing:1.0:all:tar.gz")

        assert file.name == "thing-1.0-all.tar.gz"


class TestLockedFiles:
    def test_gives_the_lines_of_one_bundle(self, tmp_path: Path) -> None:
        lock = tmp_path / "jars.sha256"
        lock.write_text("# why\nkafka    aa g:a:1\nregistry bb g:b:2\nkafka    cc g:c:3\n")

        files = locked_files("kafka", lock=lock)

        assert files == [LockedFile("aa", "g:a:1"), LockedFile("cc", "g:c:3")]

    def test_pins_the_versions_that_the_code_names(self) -> None:
        coordinates = {file.coordinate for name in BUNDLES for file in locked_files(name)}

        assert f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}" in coordinates
        assert f"org.apache.kafka:kafka-clients:{KAFKA_VERSION}" in coordinates
        assert f"io.apicurio:apicurio-registry-app:{REGISTRY_VERSION}:all:tar.gz" in coordinates

    def test_has_a_whole_sha256_for_each(self) -> None:
        hashes = [file.sha256 for name in BUNDLES for file in locked_files(name)]

        assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)


BUNDLES = ("kafka", "registry")


class TestFetched:
    def test_gives_what_the_cache_holds_in_the_order_of_the_lock(
        self, settings: EmbeddedSettings
    ) -> None:
        files = [a_locked_file(name="b"), a_locked_file(name="a")]
        for file in files:
            (settings.files / file.name).write_bytes(CONTENT)

        paths = fetched(files, settings=settings)

        assert [path.name for path in paths] == ["b-1.0.jar", "a-1.0.jar"]

    def test_refuses_a_file_with_a_planted_difference(self, settings: EmbeddedSettings) -> None:
        file = a_locked_file()
        path = settings.files / file.name
        path.write_bytes(CONTENT + b"!")

        with pytest.raises(LocalKafkaUnavailable) as refusal:
            fetched([file], settings=settings)

        found = hashlib.sha256(CONTENT + b"!").hexdigest()
        assert str(refusal.value) == (
            f"{path} has sha256 {found}, jars.sha256 says {file.sha256}."
            f" Remedy: delete {path}; it is fetched again at the next start"
        )
