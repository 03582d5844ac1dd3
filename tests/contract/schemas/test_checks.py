"""``isthmusctl schemas check``: the project passes, and each fault planted in a copy is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from typer.testing import CliRunner

from isthmus.cli.schemas import app
from isthmus.core.money import Money
from isthmus.kafka import schemas as schema_files
from isthmus.kafka.schema_checks import problems
from isthmus.kafka.schema_checks.examples import read
from isthmus.messages import RECORDS
from isthmus.messages.fields import Time

PROJECT: Final = Path(__file__).parents[3] / "schemas"
ITEM: Final = "avro/netsuite/Item.avsc"
OLD_ITEM: Final = "avro/netsuite/history/Item.1.avsc"
ORDER: Final = "avro/amazon/Order.avsc"
COMMAND: Final = "avro/netsuite/OrderCommand.avsc"

Json = dict[str, Any]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of the project's schemas, to plant a fault in."""
    return Path(shutil.copytree(PROJECT, tmp_path / "schemas"))


def edit(path: Path, change: Callable[[Json], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def field(record: Json, name: str) -> Json:
    [found] = [one for one in record["fields"] if one["name"] == name]
    return dict_of(found)


def dict_of(value: Any) -> Json:
    assert isinstance(value, dict)
    return value


def money_of(order: Json) -> Json:
    return dict_of(field(order, "grand_total")["type"][1])


def add(name: str, **attributes: Any) -> Callable[[Json], None]:
    return lambda record: record["fields"].append({"name": name, "doc": "New.", **attributes})


def found(folder: Path) -> str:
    return "\n".join(map(str, problems(folder)))


class TestTheProject:
    def test_has_nothing_wrong(self) -> None:
        assert found(PROJECT) == ""

    def test_is_checked_by_the_command_line(self) -> None:
        result = CliRunner().invoke(app, ["check", "--schemas", str(PROJECT)])

        assert result.exit_code == 0
        assert "records agree" in result.output

    def test_can_read_the_first_version_of_an_item(self) -> None:
        example = read(PROJECT / "examples/Item/first-version.json")
        schemas = schema_files.load(PROJECT)

        written = schemas.written_with(example.wire[2:10])

        assert written is not None
        assert not written.current


class TestFullTransitive:
    def test_refuses_a_field_that_old_records_lack(self, copy: Path) -> None:
        edit(copy / ITEM, add("weight", type="string"))

        assert "Item.avsc: cannot read what Item.1.avsc wrote: reader_field_missing" in found(copy)

    def test_refuses_to_drop_a_field_that_old_readers_need(self, copy: Path) -> None:
        edit(copy / ITEM, lambda item: item["fields"].remove(field(item, "sku")))

        assert "Item.1.avsc: cannot read what Item.avsc wrote: reader_field_missing" in found(copy)

    def test_refuses_another_type_in_both_directions(self, copy: Path) -> None:
        edit(copy / ITEM, lambda item: field(item, "is_inactive").update(type="int"))

        assert found(copy).count("type_mismatch at is_inactive (reader") == 2

    def test_refuses_what_the_old_release_could_not_read(self, copy: Path) -> None:
        edit(copy / ITEM, lambda item: field(item, "sku").update(type=["null", "string"]))

        wrong = found(copy)
        assert "Item.1.avsc: cannot read what Item.avsc wrote: type_mismatch" in wrong
        assert "Item.avsc: cannot read" not in wrong.replace("Item.1.avsc: cannot read", "")

    def test_looks_into_lists(self, copy: Path) -> None:
        history = copy / "avro/amazon/history"
        history.mkdir()
        shutil.copy(copy / ORDER, history / "Order.1.avsc")
        items = dict_of(json.loads((copy / ORDER).read_text()))
        add("weight", type="string")(field(items, "items")["type"]["items"])
        (copy / ORDER).write_text(json.dumps(items))

        assert "Order.avsc: cannot read what Order.1.avsc wrote" in found(copy)
        assert "at items.weight (weight)" in found(copy)

    def test_refuses_another_kind_in_a_union(self, copy: Path) -> None:
        history = copy / "avro/netsuite/history"
        shutil.copy(copy / COMMAND, history / "OrderCommand.1.avsc")
        kind = {"type": "record", "name": "Invoice", "doc": "New.", "fields": []}
        edit(copy / COMMAND, lambda command: field(command, "body")["type"].append(kind))

        assert "OrderCommand.1.avsc: cannot read what OrderCommand.avsc wrote" in found(copy)

    def test_compares_all_versions_not_only_neighbors(self, copy: Path) -> None:
        # Each neighbor agrees; the first and the last do not.
        old = dict_of(json.loads((copy / OLD_ITEM).read_text()))
        field(old, "external_id")["type"] = "string"
        del field(old, "external_id")["default"]
        middle = dict_of(json.loads((copy / OLD_ITEM).read_text()))
        middle["fields"].remove(field(middle, "external_id"))
        (copy / "avro/netsuite/history/Item.0.avsc").write_text(json.dumps(old))
        (copy / "avro/netsuite/history/Item.0b.avsc").write_text(json.dumps(middle))

        assert "Item.0.avsc: cannot read what Item.avsc wrote" in found(copy)

    def test_refuses_to_leave_old_versions_without_a_heir(self, copy: Path) -> None:
        (copy / ITEM).unlink()

        assert "isthmus.netsuite.Item has old versions but none of today" in found(copy)


class TestMeaning:
    def test_refuses_another_scale_that_only_examples_can_tell(self, copy: Path) -> None:
        before = schema_files.load(copy).current("isthmus.amazon.Order").fingerprint
        edit(copy / ORDER, lambda order: field(money_of(order), "amount")["type"].update(scale=2))

        wrong = found(copy)

        assert schema_files.load(copy).current("isthmus.amazon.Order").fingerprint == before
        assert "merchant-fulfilled.json: its bytes do not mean its value any more" in wrong

    def test_refuses_equal_fingerprints_of_different_meaning(self, copy: Path) -> None:
        (copy / "avro/amazon/history").mkdir()
        shutil.copy(copy / ORDER, copy / "avro/amazon/history/Order.1.avsc")
        edit(copy / ORDER, lambda order: field(money_of(order), "amount")["type"].update(scale=2))

        wrong = found(copy)

        assert "grand_total.amount: means logicalType decimal, precision 20, scale 4" in wrong
        assert "scale 2, pii False in" in wrong
        assert "has the fingerprint of" in wrong

    def test_refuses_to_forget_a_logical_type(self, copy: Path) -> None:
        edit(copy / ITEM, lambda item: field(item, "modified_at").update(type="long"))

        assert "modified_at: means logicalType timestamp-millis, pii False" in found(copy)

    def test_refuses_to_publish_in_the_clear_what_was_sealed(self, copy: Path) -> None:
        (copy / "avro/amazon/history").mkdir()
        shutil.copy(copy / ORDER, copy / "avro/amazon/history/Order.1.avsc")
        edit(copy / ORDER, lambda order: field(order, "buyer").update(pii=False))

        assert "buyer: means pii True, but pii False in" in found(copy)

    def test_refuses_one_name_for_two_things(self, copy: Path) -> None:
        edit(copy / ORDER, lambda order: money_of(order)["fields"].reverse())

        assert "defines isthmus.Money otherwise than" in found(copy)


class TestStructs:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (add("weight", type=["null", "string"], default=None), "weight in the schema, but"),
            (lambda item: item["fields"].reverse(), "in the schema, but account, internal_id"),
            (
                lambda item: field(item, "sku").update(type="bytes"),
                "is bytes in the schema, but str",
            ),
            (lambda item: field(item, "sku").update(type="int"), "is int in the schema, but str"),
            (lambda item: field(item, "sku").update(default="?"), "default in the schema alone"),
            (
                lambda item: field(item, "display_name").pop("default"),
                "default in the struct alone",
            ),
            (
                lambda item: field(item, "display_name").update(
                    type=["string", "null"], default=""
                ),
                "defaults to '' in the schema, but None in Python",
            ),
            (
                lambda item: field(item, "sku").update(type=["null", "string"]),
                "may be null in the schema alone",
            ),
            (
                lambda item: field(item, "external_id").update(type="string", default=""),
                "may be null in the struct alone",
            ),
            (
                lambda item: field(item, "sku").update(type={"type": "array", "items": "string"}),
                "is an array in the schema, but str",
            ),
            (
                lambda item: field(item, "sku").update(type={"type": "map", "values": "string"}),
                "is a map in the schema, but str",
            ),
            (
                lambda item: field(item, "sku").update(
                    type={"type": "record", "name": "Sku", "doc": "New.", "fields": []}
                ),
                "is a record in the schema, but str",
            ),
        ],
    )
    def test_must_equal_their_schemas(
        self, copy: Path, change: Callable[[Json], object], words: str
    ) -> None:
        edit(copy / ITEM, change)

        assert words in found(copy)

    def test_must_have_a_schema(self, copy: Path) -> None:
        wrong = [str(one) for one in problems(copy, types={**RECORDS, "isthmus.test.New": Money})]

        assert "isthmus.test.New: is a struct without a schema" in "\n".join(wrong)

    def test_must_exist(self, copy: Path) -> None:
        types = {name: struct for name, struct in RECORDS.items() if not name.endswith("Outcome")}

        wrong = "\n".join(str(one) for one in problems(copy, types=types))

        assert "Outcome.avsc: has no struct" in wrong
        assert "netsuite.outcomes: carries isthmus.netsuite.Outcome, of which there is no" in wrong

    @pytest.mark.parametrize(
        ("member", "words"),
        [
            ((int, ...), "bounds in Python are wider"),
            ((str, ...), "is int in the schema, but str"),
        ],
    )
    def test_must_have_the_bounds_of_their_schemas(
        self, copy: Path, member: tuple[Any, Any], words: str
    ) -> None:
        assert words in self._with_outcome(copy, attempts=member[0])

    def test_must_know_the_zone_of_their_times(self, copy: Path) -> None:
        assert "may be without a zone" in self._with_outcome(copy, finished_at=Time.__origin__)  # type: ignore[attr-defined]

    @staticmethod
    def _with_outcome(copy: Path, **changed: Any) -> str:
        members = msgspec.structs.fields(RECORDS["isthmus.netsuite.Outcome"])
        other = msgspec.defstruct(
            "Outcome",
            [(member.name, changed.get(member.name, member.type)) for member in members],
            frozen=True,
            kw_only=True,
        )
        types = {**RECORDS, "isthmus.netsuite.Outcome": other}
        return "\n".join(str(one) for one in problems(copy, types=types))


class TestWords:
    def test_are_asked_of_every_field(self, copy: Path) -> None:
        edit(copy / ITEM, lambda item: field(item, "sku").pop("doc"))

        assert "isthmus.netsuite.Item.sku: has no doc" in found(copy)

    def test_are_asked_of_records_inside_of_others(self, copy: Path) -> None:
        edit(copy / ORDER, lambda order: field(order, "items")["type"]["items"].pop("doc"))

        assert "isthmus.amazon.OrderItem: has no doc" in found(copy)


class TestPersonalData:
    @pytest.mark.parametrize(
        "name", ["buyer_name", "email", "phone_number", "ship_address", "gift_message", "city"]
    )
    def test_must_say_what_it_is(self, copy: Path, name: str) -> None:
        edit(copy / ITEM, add(name, type=["null", "string"], default=None))

        assert f"Item.{name}: looks like personal data and does not say" in found(copy)

    def test_must_not_be_in_the_clear(self, copy: Path) -> None:
        edit(copy / ORDER, lambda order: field(order, "buyer").update(type=["null", "string"]))

        assert "Order.buyer: is personal data, but in the clear" in found(copy)

    def test_must_be_told_by_the_list_of_topics(self, copy: Path) -> None:
        topics = copy / "topics.yaml"
        topics.write_text(topics.read_text().replace("pii: sealed", "pii: none", 1))

        assert "topics.yaml: amazon.orders: pii: none, but isthmus.amazon.Order has some" in found(
            copy
        )

    def test_must_not_be_claimed_where_there_is_none(self, copy: Path) -> None:
        topics = copy / "topics.yaml"
        text = topics.read_text()
        topics.write_text(
            text.replace("retention: 90d\n    pii: none", "retention: 90d\n    pii: sealed")
        )

        assert "netsuite.outcomes: pii: sealed, but isthmus.netsuite.Outcome has none" in found(
            copy
        )


class TestExamples:
    def test_must_not_lose_their_schema(self, copy: Path) -> None:
        # Today's fields change while the version that was published is not kept.
        (copy / OLD_ITEM).unlink()

        assert "first-version.json: was written with a schema of isthmus.netsuite.Item" in found(
            copy
        )

    def test_must_decode(self, copy: Path) -> None:
        path = copy / "examples/Item/inventory-item.json"
        edit(path, lambda example: example.update(wire=example["wire"][:-8] + "AAAAAAA="))

        assert "inventory-item.json: " in found(copy)

    def test_must_mean_what_they_meant(self, copy: Path) -> None:
        path = copy / "examples/Item/inventory-item.json"
        edit(path, lambda example: example["value"].update(sku="OTHER"))

        wrong = found(copy)
        assert "its bytes do not mean its value any more" in wrong
        assert "its value is written with other bytes now" in wrong

    def test_must_be_of_a_record(self, copy: Path) -> None:
        (copy / "examples/Item").rename(copy / "examples/Article")

        assert "there is no record Article" in found(copy)

    def test_must_be_there_for_old_versions_too(self, copy: Path) -> None:
        (copy / "examples/Item/first-version.json").unlink()

        assert "Item.1.avsc: no example shows it." in found(copy)

    def test_must_leave_no_field_empty(self, copy: Path) -> None:
        (copy / "examples/Order/merchant-fulfilled.json").unlink()

        wrong = found(copy)
        assert "Order.avsc: no example shows fulfilled_by" in wrong
        assert "items[].charges[].amount.amount" in wrong

    def test_must_show_every_kind_of_a_union(self, copy: Path) -> None:
        (copy / "examples/OrderCommand/cash-sale.json").unlink()

        assert "no example shows body<CashSale>.external_id" in found(copy)


class TestFreeze:
    def test_adds_the_bytes_to_a_new_example(self, copy: Path) -> None:
        path = copy / "examples/Item/kit.json"
        edit(copy / "examples/Item/inventory-item.json", lambda example: example.pop("wire"))
        (copy / "examples/Item/inventory-item.json").rename(path)

        result = CliRunner().invoke(app, ["freeze", str(path), "--schemas", str(copy)])

        assert result.exit_code == 0, result.output
        assert found(copy) == ""

    def test_never_touches_what_was_published(self, copy: Path) -> None:
        path = copy / "examples/Item/inventory-item.json"
        before = path.read_bytes()

        result = CliRunner().invoke(app, ["freeze", str(path), "--schemas", str(copy)])

        assert result.exit_code == 2
        assert "what was published" in result.output
        assert path.read_bytes() == before


class TestCommandLine:
    def test_ends_with_one_and_the_remedy(self, copy: Path) -> None:
        edit(copy / ITEM, lambda item: field(item, "sku").pop("doc"))

        result = CliRunner().invoke(app, ["check", "--schemas", str(copy)])

        assert result.exit_code == 1
        assert "Item.sku: has no doc. Remedy: say what it holds" in result.output
