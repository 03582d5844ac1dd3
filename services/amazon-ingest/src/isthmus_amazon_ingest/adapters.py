"""Amazon's search and the disk, in the form of the sweep's ports."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from isthmus.amazon.errors import AccessRefused
from isthmus.amazon.orders import OrderSearch, Pagination
from isthmus.core.errors import Rejected
from isthmus_amazon_ingest.ports import Page, StaleToken

ONLY_OURS: Final = 0o600


@dataclass(frozen=True, slots=True)
class SearchedAccount:
    """How the orders of an account are asked for.

    :param marketplaces: only these; none: all of the account.
    """

    search: OrderSearch
    marketplaces: Sequence[str]


@dataclass(frozen=True, slots=True)
class SearchedPages:
    """``OrderPages`` by searchOrders."""

    accounts: Mapping[str, SearchedAccount]
    sections: Sequence[str]
    page_size: int

    def __call__(self, *, account: str, since: datetime, token: str | None) -> Page:
        """Read one page."""
        asked = self.accounts[account]
        try:
            found = asked.search(
                last_updated_after=since,
                marketplace_ids=asked.marketplaces,
                included_data=self.sections,
                page_size=self.page_size,
                token=token,
            )
        except AccessRefused:
            raise
        except Rejected as error:
            # Amazon has no code of its own for a token that ran out.
            if token is not None:
                raise StaleToken from error
            raise
        return Page(
            orders=[bytes(order) for order in found.orders],
            next_token=(found.pagination or Pagination()).next_token or None,
            before=found.last_updated_before,
        )


@dataclass(frozen=True, slots=True)
class RawFolder:
    """``KeepRaw`` in a folder of bounded size, readable by this service alone."""

    folder: Path
    bytes_max: int

    def __call__(self, raw: bytes, *, sha256: str) -> str:
        """Write the file, unless it is there or the folder is full."""
        path = self.folder / f"{sha256}.json"
        try:
            if path.exists():
                return f"kept as {path}"
            held = sum(file.stat().st_size for file in self.folder.iterdir())
            if held + len(raw) > self.bytes_max:
                return f"not kept: {self.folder} would hold more than {self.bytes_max} bytes"
            self._write(path, raw)
        except OSError as error:
            return f"not kept: {self.folder} cannot be written ({error.strerror})"
        return f"kept as {path}"

    def _write(self, path: Path, raw: bytes) -> None:
        unfinished = path.with_suffix(".unfinished")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, ONLY_OURS)
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
