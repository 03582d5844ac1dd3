"""Kinds of fields that say more than their Python type."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

INT_MAX = 2**31 - 1

Time = Annotated[datetime, Meta(tz=True)]
"""A moment. Milliseconds are kept, anything finer is cut off on the wire."""

Count = Annotated[int, Meta(ge=0, le=INT_MAX)]
"""A number of things."""

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""A place in a sequence."""
