from __future__ import annotations

import base64
from pathlib import Path

import pytest

from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.storage import META, format_storage, kafka_uuid


def a_formatted_folder(path: Path) -> Path:
    path.mkdir()
    (path / META).write_text("#\nversion=1\ncluster.id=C\nnode.id=1\ndirectory.id=D\n")
    (path / "bootstrap.checkpoint").write_bytes(b"features")
    return path


def pairs(folder: Path) -> dict[str, str]:
    return dict(line.split("=") for line in (folder / META).read_text().splitlines())


class TestKafkaUuid:
    def test_is_sixteen_bytes_in_22_characters_and_no_option(self) -> None:
        found = [kafka_uuid() for _ in range(200)]

        assert all(len(base64.urlsafe_b64decode(f"{one}==")) == 16 for one in found)
        assert not any("-" in one for one in found)
        assert len(set(found)) == 200


class TestFormatStorage:
    def test_formats_the_other_nodes_after_the_first_without_java(self, tmp_path: Path) -> None:
        data = [a_formatted_folder(tmp_path / "1"), tmp_path / "2", tmp_path / "3"]

        format_storage(data, properties=tmp_path / "unused", java=["false"], timeout_s=1)

        second, third = pairs(data[1]), pairs(data[2])
        assert second["cluster.id"] == third["cluster.id"] == "C"
        assert (second["node.id"], third["node.id"]) == ("2", "3")
        assert len({"D", second["directory.id"], third["directory.id"]}) == 3
        assert (data[2] / "bootstrap.checkpoint").read_bytes() == b"features"

    def test_leaves_formatted_folders_alone(self, tmp_path: Path) -> None:
        data = [a_formatted_folder(tmp_path / "1"), a_formatted_folder(tmp_path / "2")]

        format_storage(data, properties=tmp_path / "unused", java=["false"], timeout_s=1)

        assert "directory.id=D" in (data[1] / META).read_text()

    def test_says_what_the_tool_of_kafka_said(self, tmp_path: Path) -> None:
        tool = ["/bin/sh", "-c", "echo 'Log directory is taken' >&2; exit 1"]

        with pytest.raises(LocalKafkaUnavailable, match="Log directory is taken"):
            format_storage(
                [tmp_path / "1"], properties=tmp_path / "s.properties", java=tool, timeout_s=5
            )
