"""Amazon's search and the disk behind the ports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from isthmus.amazon.errors import AccessRefused
from isthmus.amazon.orders import FoundOrders, Pagination
from isthmus.core.errors import Rejected, Retryable
from isthmus_amazon_ingest.adapters import RawFolder, SearchedAccount, SearchedPages
from isthmus_amazon_ingest.ports import Page, StaleToken

SINCE = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)


class Search:
    def __init__(self, answer: FoundOrders | Exception) -> None:
        self._answer = answer
        self.asked: dict[str, Any] = {}

    def __call__(self, **asked: Any) -> FoundOrders:
        self.asked = asked
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def a_page(search: Search, *, token: str | None = None) -> Page:
    pages = SearchedPages(
        accounts={"acme-us": SearchedAccount(search, ["ATVPDKIKX0DER"])},  # type: ignore[arg-type]
        sections=("PROCEEDS",),
        page_size=100,
    )
    return pages(account="acme-us", since=SINCE, token=token)


class TestSearchedPages:
    def test_asks_for_the_account(self) -> None:
        search = Search(FoundOrders(orders=[]))

        a_page(search, token="t")

        assert search.asked == {
            "last_updated_after": SINCE,
            "marketplace_ids": ["ATVPDKIKX0DER"],
            "included_data": ("PROCEEDS",),
            "page_size": 100,
            "token": "t",
        }

    @pytest.mark.parametrize(
        ("pagination", "token"),
        [(None, None), (Pagination(), None), (Pagination(""), None), (Pagination("t"), "t")],
    )
    def test_tells_the_page(self, pagination: Pagination | None, token: str | None) -> None:
        found = FoundOrders(
            orders=[msgspec.Raw(b"{}")], pagination=pagination, last_updated_before=SINCE
        )

        assert a_page(Search(found)) == Page(orders=[b"{}"], next_token=token, before=SINCE)

    def test_takes_a_rejected_token_for_a_stale_one(self) -> None:
        with pytest.raises(StaleToken):
            a_page(Search(Rejected("400 InvalidInput")), token="t")

    @pytest.mark.parametrize(
        ("error", "token"),
        [
            (Rejected("400"), None),
            (AccessRefused("403"), "t"),
            (AccessRefused("403"), None),
            (Retryable("503"), "t"),
        ],
    )
    def test_passes_on_what_else_amazon_says(self, error: Exception, token: str | None) -> None:
        with pytest.raises(type(error)) as raised:
            a_page(Search(error), token=token)

        assert raised.value is error


class TestRawFolder:
    def test_keeps_an_answer_for_this_service_alone(self, tmp_path: Path) -> None:
        said = RawFolder(folder=tmp_path, bytes_max=100)(b"whole", sha256="abc")

        path = tmp_path / "abc.json"
        assert said == f"kept as {path}"
        assert path.read_bytes() == b"whole"
        assert path.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in tmp_path.iterdir()] == ["abc.json"]

    def test_keeps_it_once(self, tmp_path: Path) -> None:
        keep = RawFolder(folder=tmp_path, bytes_max=8)
        keep(b"whole", sha256="abc")

        assert keep(b"whole", sha256="abc").startswith("kept as")

    def test_says_so_when_the_folder_is_full(self, tmp_path: Path) -> None:
        keep = RawFolder(folder=tmp_path, bytes_max=8)
        keep(b"whole", sha256="abc")

        said = keep(b"other", sha256="def")

        assert said == f"not kept: {tmp_path} would hold more than 8 bytes"
        assert not (tmp_path / "def.json").exists()

    def test_says_so_when_the_folder_cannot_be_written(self, tmp_path: Path) -> None:
        said = RawFolder(folder=tmp_path / "gone", bytes_max=8)(b"whole", sha256="abc")

        assert (
            said == f"not kept: {tmp_path / 'gone'} cannot be written (No such file or directory)"
        )
