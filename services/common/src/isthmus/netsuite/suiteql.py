"""SuiteQL: what NetSuite knows, as rows of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from isthmus.core.errors import Retryable
from isthmus.netsuite import wire
from isthmus.netsuite.exchange import Answer, Call
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.transport import Transport

QUERY_PATH: Final = "/services/rest/query/v1/suiteql"
ROWS_MAX: Final = 1000

# Columns in lower case; every value is text; a null column is not there.
Row: TypeAlias = Mapping[str, str]
K = TypeVar("K")


class SuiteQL:
    """``QueryApi`` over HTTP."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def rows(
        self, query: str, params: Sequence[str] = (), *, intent: Intent, limit: int = ROWS_MAX
    ) -> Sequence[Row]:
        """POST the query; an answer that is not rows is never taken for no rows."""
        call = Call(
            "suiteql",
            "POST",
            QUERY_PATH,
            params={"limit": str(min(limit, ROWS_MAX)), "offset": "0"},
            headers={"Prefer": "transient"},
            content=wire.encode({"q": query, "params": list(params)}),
        )
        return _rows(self._transport.send(call, intent))


def keyset_pages(
    page: Callable[[K], Sequence[Row]],
    *,
    start: K,
    key: Callable[[Row], K],
    size: int,
    pages_max: int,
) -> Iterator[Sequence[Row]]:
    """Yield page after page of an ordered query, each from behind the last key of the one before.

    Offsets skip and repeat rows when records change meanwhile; keys do not.

    :param page: returns the rows behind a key, at most ``size``.
    :raises Retryable: the keys do not advance, or there are more pages than allowed; what was
        yielded stands.
    """
    behind = start
    for _ in range(pages_max):
        rows = page(behind)
        if rows:
            yield rows
        if len(rows) < size:
            return
        if (last := key(rows[-1])) == behind:
            detail = "a page of SuiteQL ends where it began: the query is not ordered by its key"
            raise Retryable(detail, reason_class="paging")
        behind = last
    raise Retryable(f"more than {pages_max} pages; it goes on later", reason_class="paging")


def _rows(answer: Answer) -> Sequence[Row]:
    try:
        items = answer.body()["items"]
        return [{name: str(row[name]) for name in row if name != "links"} for row in items]
    except (ValueError, KeyError, TypeError) as error:
        detail = f"suiteql: status {answer.status} without rows"
        raise Retryable(detail, reason_class="unexpected-answer") from error
