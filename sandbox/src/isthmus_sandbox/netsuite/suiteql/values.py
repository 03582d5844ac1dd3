"""How SuiteQL writes values: all of them text, dates in the account's own clock."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

# A date within a query, told apart from any text a record may hold. Sorts as dates do.
_MARK: Final = "date:"
_DATE: Final = re.compile(_MARK + r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")
_PARTS: Final = {
    "YYYY": "%Y",
    "MM": "%m",
    "DD": "%d",
    "HH24": "%H",
    "MI": "%M",
    "SS": "%S",
}
_MASK_TOKEN: Final = re.compile(r'YYYY|MM|DD|HH24|MI|SS|"[^"]*"|[-/ :,.]', re.IGNORECASE)


class BadMask(ValueError):
    """A date mask, or a text that does not fit it."""


def account_date(local: datetime) -> str:
    """Return a moment of the account's clock as the views hold it: whole seconds, no zone."""
    return _MARK + local.strftime("%Y-%m-%d %H:%M:%S")


def to_char(value: object, mask: str) -> str | None:
    """Write a date by an Oracle mask.

    :raises BadMask: when the value is no date or the mask is not understood.
    """
    if value is None:
        return None
    return _moment(value).strftime(_strptime_format(mask))


def to_date(text: object, mask: str) -> str | None:
    """Read a text by an Oracle mask.

    :raises BadMask: when the text does not fit or the mask is not understood.
    """
    if text is None:
        return None
    try:
        return account_date(datetime.strptime(str(text), _strptime_format(mask)))  # noqa: DTZ007
    except ValueError as error:
        raise BadMask(f"{text!r} does not fit the mask {mask!r}.") from error


def written(value: object) -> str | None:
    """Return a result value as the answer writes it; None for null, which is left out.

    A bare date is written by the user's preference, so its time of day is lost.
    """
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return str(value)
    year, month, day = (int(found[i]) for i in (1, 2, 3))
    return f"{month}/{day}/{year}"


def _moment(value: object) -> datetime:
    found = _DATE.fullmatch(str(value))
    if found is None:
        raise BadMask("TO_CHAR is for dates in this subset.")
    return datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001


def _strptime_format(mask: str) -> str:
    parts = _MASK_TOKEN.findall(mask)
    if "".join(parts) != mask:
        raise BadMask(f"The mask {mask!r} has parts beyond {sorted(_PARTS)}.")
    return "".join(_PARTS.get(part.upper(), part.strip('"')) for part in parts)
