"""SuiteQL's translation: what is written, and what is refused."""

from __future__ import annotations

import pytest

from isthmus_sandbox.netsuite.suiteql.dialect import translated
from isthmus_sandbox.netsuite.suiteql.tokens import BadQuery


def statement(query: str, *parameters: object) -> str:
    return translated(query, parameters).statement


class TestTranslation:
    def test_quotes_names_so_that_an_unknown_one_is_an_error(self) -> None:
        assert statement("SELECT Id FROM Transaction") == "SELECT [id] FROM [transaction]"

    def test_takes_the_first_rows_by_fetch(self) -> None:
        written = statement("SELECT id FROM item ORDER BY id FETCH FIRST 10 ROWS ONLY")

        assert written == "SELECT [id] FROM [item] ORDER BY [id] LIMIT 10"

    def test_knows_oracles_functions(self) -> None:
        written = statement("SELECT NVL(a, 'x'), TO_CHAR(SYSDATE, 'YYYY') FROM dual")

        assert written == (
            "SELECT ifnull ( [a] , 'x' ) , to_char ( sysdate() , 'YYYY' ) FROM [dual]"
        )

    def test_reads_display_values_from_the_column_beside(self) -> None:
        assert "[t] . [status__df]" not in statement("SELECT t.status FROM transaction t")
        assert "[t].[status__df]" in statement("SELECT BUILTIN.DF(t.status) FROM transaction t")
        assert "[status__df]" in statement("SELECT BUILTIN.DF(status) FROM transaction")

    def test_leaves_a_quotation_mark_within_a_text(self) -> None:
        assert "'O''Neil'" in statement("SELECT id FROM item WHERE itemid = 'O''Neil'")

    def test_sees_whether_the_rows_are_ordered(self) -> None:
        inner = "SELECT id FROM item WHERE id IN (SELECT id FROM item ORDER BY id)"

        assert translated("SELECT id FROM item ORDER BY id", []).ordered
        assert not translated(inner, []).ordered

    def test_hands_the_parameters_on_in_their_order(self) -> None:
        translation = translated("SELECT id FROM item WHERE itemid IN (?, ?)", ["a", "b"])

        assert translation.parameters == ("a", "b")

    def test_allows_a_negative_number(self) -> None:
        assert "> - 5" in statement("SELECT id FROM item WHERE id > -5")


class TestRefusal:
    @pytest.mark.parametrize(
        "query",
        [
            "",
            "DELETE FROM item",
            "SELECT id FROM item; SELECT id FROM item",
            "SELECT id FROM item -- comment",
            "SELECT id FROM item LIMIT 10 OFFSET 5",
            "SELECT * FROM item",
            "SELECT id + 1 FROM item",
            "SELECT SYSDATE - 1 FROM dual",
            "SELECT load_extension('x') FROM dual",
            "SELECT id FROM item FETCH FIRST ROWS ONLY",
            "SELECT id FROM item FETCH FIRST 5 ROWS ONLY WHERE id = 1",
            "SELECT status__df FROM transaction",
            "SELECT BUILTIN.CF(id) FROM item",
            "SELECT BUILTIN.DF(id",
            'SELECT "id" FROM item',
            "SELECT id FROM item WHERE id = 'x",
            "SELECT id FROM item WHERE id = ?",
        ],
    )
    def test_meets_what_is_not_understood(self, query: str) -> None:
        with pytest.raises(BadQuery):
            translated(query, [])

    def test_meets_parameters_without_question_mark(self) -> None:
        with pytest.raises(BadQuery, match="more parameters"):
            translated("SELECT id FROM item", ["x"])

    @pytest.mark.parametrize(
        "condition", ["id IN (1, 'x')", "id = ?", "id BETWEEN 1 AND ?", "id NOT IN (?)"]
    )
    def test_meets_a_text_where_an_id_is_compared(self, condition: str) -> None:
        parameters = ["x"] if "?" in condition else []

        with pytest.raises(BadQuery, match="Invalid number 'x'"):
            translated(f"SELECT id FROM item WHERE {condition}", parameters)

    def test_meets_a_date_compared_with_a_text(self) -> None:
        with pytest.raises(BadQuery, match="TO_DATE"):
            translated("SELECT id FROM item WHERE lastmodifieddate >= '2026-11-23'", [])

    def test_meets_a_query_without_end(self) -> None:
        with pytest.raises(BadQuery, match="longer"):
            translated("SELECT id FROM item " + " " * 100_000, [])
