"""Mapping files, refused with file, line and remedy; and the table of items."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from isthmus.kafka.tables import Kind
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.testing.builders import US, a_netsuite_item, an_order
from isthmus_mapper.tables import TABLES
from isthmus_mapper.wiring import build_transform, read_mappings
from tests.unit.mapper.parts import FILE, MARKETPLACE

GOOD = yaml.safe_dump({**FILE, "marketplaces": {US: MARKETPLACE}}, sort_keys=False)


def find_root() -> Path:
    return Path(__file__).parents[3]


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as error:
        read_mappings(folder)
    return error.value.problems


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


class TestReadme:
    def test_shows_a_mapping_that_is_right(self, tmp_path: Path) -> None:
        readme = (find_root() / "services/mapper/README.md").read_text()
        shown = readme.partition("```yaml\n")[2].partition("```")[0]
        (tmp_path / "acme-us.yaml").write_text(shown)

        assert read_mappings(tmp_path)["acme-us"].file.aliases == {"MUG-AMZ": "MUG-STONEWARE"}


class TestMappings:
    def test_are_read_by_account(self, tmp_path: Path) -> None:
        (tmp_path / "acme-us.yaml").write_text(GOOD)
        (tmp_path / "README.md").write_text("not a mapping")

        mappings = read_mappings(tmp_path)

        assert list(mappings) == ["acme-us"]
        assert mappings["acme-us"].file.marketplaces[US].customer.external_id == "AMZ-CUST-US"
        assert str(mappings["acme-us"].time_zone) == "America/Los_Angeles"

    def test_have_a_version_that_changes_with_every_byte(self, tmp_path: Path) -> None:
        (tmp_path / "acme-us.yaml").write_text(GOOD)
        (tmp_path / "acme-eu.yaml").write_text(GOOD + "# checked\n")

        versions = [mapping.version for mapping in read_mappings(tmp_path).values()]

        assert len(set(versions)) == 2
        assert {len(version) for version in versions} == {12}

    @pytest.mark.parametrize(
        ("wrong", "right", "words"),
        [
            ("America/Los_Angeles", "Mars/Phobos", "Mars/Phobos is not a time zone"),
            ("America/Los_Angeles", "../etc/passwd", "is not a time zone"),
            ("currency: USD", "currency: dollars", "currency String should match pattern"),
            ("tax: book", "tax: sometimes", "tax Input should be"),
            ("merchant: '1'", "merchant: 1", "merchant is not a text"),
            ("external_id: AMZ-CUST-US", "external_id: 'AMZ|US'", "external_id String should"),
            ("custbody_channel", "channel", "custom_fields.channel"),
            ("custbody_channel", "custbody_amz_payload_hash", "is written by netsuite-writer"),
            ("ship_method: '91'", "shipmethod: '91'", "shipmethod is not known here"),
            ("subsidiary: '5'", "subsidiary: five", "subsidiary String should match"),
        ],
    )
    def test_are_refused_with_file_and_line(
        self, tmp_path: Path, wrong: str, right: str, words: str
    ) -> None:
        text = GOOD.replace(wrong, right)
        path = tmp_path / "acme-us.yaml"
        path.write_text(text)

        [problem] = problems_of(tmp_path)

        assert words in problem.what
        assert problem.remedy
        named, _, line = problem.where.rpartition(":")
        assert named == str(path)
        assert abs(int(line) - line_of(text, right)) <= 1

    @pytest.mark.parametrize(
        ("policy", "item"),
        [("book", "tax"), ("net_to_zero", "tax"), ("net_to_zero", "withheld_tax")],
    )
    def test_are_refused_without_the_items_of_their_taxes(
        self, tmp_path: Path, policy: str, item: str
    ) -> None:
        items = {name: one for name, one in FILE["charge_items"].items() if name != item}  # type: ignore[attr-defined]
        marketplaces = {US: {**MARKETPLACE, "tax": policy}}
        text = yaml.safe_dump({**FILE, "charge_items": items, "marketplaces": marketplaces})
        (tmp_path / "acme-us.yaml").write_text(text)

        [problem] = problems_of(tmp_path)

        assert f"tax: {policy} needs charge_items.tax" in problem.what

    def test_are_refused_all_at_once(self, tmp_path: Path) -> None:
        for name in ("acme-us.yaml", "acme-eu.yaml"):
            (tmp_path / name).write_text(GOOD.replace("tax: book", "tax: sometimes"))
        (tmp_path / "Not An Account.yaml").write_text(GOOD)

        named = {
            Path(problem.where.rpartition(":")[0] or problem.where).name
            for problem in problems_of(tmp_path)
        }

        assert named >= {"acme-us.yaml", "acme-eu.yaml"}
        assert len(problems_of(tmp_path)) == 3

    def test_are_refused_when_there_are_none(self, tmp_path: Path) -> None:
        [problem] = problems_of(tmp_path)

        assert problem.what == "holds no mapping"


class TestTimeZones:
    def test_are_known_on_a_machine_that_has_none(self) -> None:
        asked = "from zoneinfo import ZoneInfo; ZoneInfo('America/Los_Angeles')"

        subprocess.run([sys.executable, "-c", asked], env={"PYTHONTZPATH": ""}, check=True)


class TestBuildTransform:
    def test_maps_by_the_files(self, tmp_path: Path) -> None:
        (tmp_path / "acme-us.yaml").write_text(GOOD)

        transform = build_transform(mapping_dir=tmp_path)

        assert an_order().account in transform.mappings  # type: ignore[attr-defined]


class TestTables:
    def test_keep_items_by_account_and_name_in_every_process(self) -> None:
        [spec] = [one for one in TABLES if one.topic == "netsuite.items"]

        assert spec.kind == Kind.GLOBAL
        assert spec.index is not None
        assert spec.index("acme-us/328", a_netsuite_item("SKU-0001")) == "acme-us/SKU-0001"
        assert spec.index("acme-us/328", an_order()) is None

    def test_keep_which_feeds_were_read_in_every_process(self) -> None:
        [spec] = [one for one in TABLES if one.topic == "netsuite.feeds"]

        assert spec.kind == Kind.GLOBAL

    def test_keep_what_was_commanded_beside_the_orders(self) -> None:
        [spec] = [one for one in TABLES if one.topic == "isthmus.commanded-orders"]

        assert spec.kind == Kind.LOCAL
