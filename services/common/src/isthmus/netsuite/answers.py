"""What an answer means: by NetSuite's error code, not by the status, which differs by account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.netsuite import wire
from isthmus.netsuite.errors import AlreadyExists, ConcurrencyRefused, LoginRefused, NotFound

DETAILS_MAX: Final = 10
# The codes for "exists" differ between record types and releases; the sentence does not.
EXISTS: Final = re.compile(r"already exists|already been used", re.IGNORECASE)
CROWDED: Final = re.compile(r"concurrent request limit exceeded", re.IGNORECASE)


class Verdict(Enum):
    """What a request came to that was not accepted."""

    CROWDED = "refused for concurrency: not executed"
    LOGIN = "the credential was refused: not executed"
    EXISTS = "the identity is taken"
    NOT_FOUND = "the id names nothing"
    LATER = "not executed, may succeed later"
    UNSURE = "nobody knows whether it was executed"
    NEVER = "can never succeed"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One entry of an error answer.

    :param code: NetSuite's ``o:errorCode``, or empty.
    :param path: where in the request, or empty.
    """

    code: str
    detail: str
    path: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """A verdict, the word for metrics, and the complaint it rests on."""

    verdict: Verdict
    reason_class: str
    complaint: Complaint


_BY_CODE: Final[Mapping[str, tuple[Verdict, str]]] = {
    "CONCURRENCY_LIMIT_EXCEEDED": (Verdict.CROWDED, "concurrency-limit"),
    "EXCEEDED_MAX_CONCUR_RQST": (Verdict.CROWDED, "concurrency-limit"),
    "SSS_REQUEST_LIMIT_EXCEEDED": (Verdict.CROWDED, "concurrency-limit"),
    "WS_CONCUR_SESSION_DISALLWD": (Verdict.CROWDED, "concurrency-limit"),
    "WS_REQUEST_BLOCKED": (Verdict.CROWDED, "concurrency-limit"),
    "INVALID_LOGIN": (Verdict.LOGIN, "login-refused"),
    "INVALID_LOGIN_ATTEMPT": (Verdict.LOGIN, "login-refused"),
    "DUP_RCRD": (Verdict.EXISTS, "already-exists"),
    "DUP_ENTITY": (Verdict.EXISTS, "already-exists"),
    "UNIQUE_CUST_ID_REQD": (Verdict.EXISTS, "already-exists"),
    "UNIQUE_RCRD_ID_REQD": (Verdict.EXISTS, "already-exists"),
    "NONEXISTENT_ID": (Verdict.NOT_FOUND, "not-found"),
    "RCRD_DSNT_EXIST": (Verdict.NOT_FOUND, "not-found"),
    "RCRD_HAS_BEEN_CHANGED": (Verdict.LATER, "record-changed"),
    "UNEXPECTED_ERROR": (Verdict.UNSURE, "unexpected-error"),
    # A script that runs after the save may use up its time when the record is there already.
    "SSS_TIME_LIMIT_EXCEEDED": (Verdict.UNSURE, "script-limit"),
    "SSS_USAGE_LIMIT_EXCEEDED": (Verdict.UNSURE, "script-limit"),
    "CLOSED_TRAN_PRD": (Verdict.NEVER, "closed-period"),
    "DATEPERIODMISMATCH": (Verdict.NEVER, "closed-period"),
    "DUPLICATE_KEYS": (Verdict.NEVER, "invalid-content"),
    "INSUFFICIENT_PERMISSION": (Verdict.NEVER, "permission"),
    "INVALID_CONTENT": (Verdict.NEVER, "invalid-content"),
    "INVALID_HEADER": (Verdict.NEVER, "invalid-request"),
    "INVALID_KEY_OR_REF": (Verdict.NEVER, "invalid-reference"),
    "INVALID_PARAMETER": (Verdict.NEVER, "invalid-request"),
    "INVALID_REQUEST": (Verdict.NEVER, "invalid-request"),
    "NOT_IN_INVT": (Verdict.NEVER, "stock"),
    "NUM_ITEMS_GRTR_THAN_QTY": (Verdict.NEVER, "stock"),
    "USER_ERROR": (Verdict.NEVER, "user-error"),
}

_NOT_EXECUTED: Final[Mapping[Verdict, type[ConcurrencyRefused | LoginRefused]]] = {
    Verdict.CROWDED: ConcurrencyRefused,
    Verdict.LOGIN: LoginRefused,
}
_DECIDED: Final[Mapping[Verdict, type[AlreadyExists | NotFound]]] = {
    Verdict.EXISTS: AlreadyExists,
    Verdict.NOT_FOUND: NotFound,
}


def judge(status: int, content: bytes) -> Meaning:
    """Say what an answer outside of 2xx means; never raises, whatever the content is."""
    complaints = _complaints(content)
    meanings = [_by_complaint(complaint) for complaint in complaints]
    # A refusal for concurrency stays one under any status.
    decided = next((m for m in meanings if m.verdict in {Verdict.CROWDED, Verdict.LOGIN}), None)
    return decided or _by_status(status, complaints) or meanings[0]


def error_of(meaning: Meaning, *, doing: str, writes: bool) -> Rejected | Retryable:
    """Make the error to raise.

    :param doing: what was tried, for the sentence, such as ``POST salesOrder``.
    :param writes: whether an unknown outcome matters.
    """
    complaint, verdict = meaning.complaint, meaning.verdict
    sentence = f"NetSuite on {doing}: {complaint.code or 'no code'}: {complaint.detail}"
    if verdict in _NOT_EXECUTED:
        return _NOT_EXECUTED[verdict](sentence)
    if verdict in _DECIDED:
        return _DECIDED[verdict](sentence, path=complaint.path)
    if verdict is Verdict.NEVER:
        return Rejected(sentence, reason_class=meaning.reason_class, path=complaint.path)
    kind = Unknown if verdict is Verdict.UNSURE and writes else Retryable
    return kind(sentence, reason_class=meaning.reason_class)


def _by_complaint(complaint: Complaint) -> Meaning:
    if CROWDED.search(complaint.detail):
        return Meaning(Verdict.CROWDED, "concurrency-limit", complaint)
    verdict, reason_class = _BY_CODE.get(complaint.code, (Verdict.NEVER, "refused"))
    if verdict is Verdict.NEVER and EXISTS.search(complaint.detail):
        return Meaning(Verdict.EXISTS, "already-exists", complaint)
    return Meaning(verdict, reason_class, complaint)


def _by_status(status: int, complaints: Sequence[Complaint]) -> Meaning | None:
    """Decide where the status alone does; an answer without a complaint is not NetSuite's own."""
    complaint = complaints[0] if complaints else Complaint("", f"bare status {status}", "")
    if status == 429:
        return Meaning(Verdict.CROWDED, "concurrency-limit", complaint)
    if status == 401:
        return Meaning(Verdict.LOGIN, "login-refused", complaint)
    if status >= 500:
        return Meaning(Verdict.UNSURE, "server-error", complaint)
    if not complaints:
        return Meaning(Verdict.UNSURE, "unexpected-answer", complaint)
    return None


def _complaints(content: bytes) -> list[Complaint]:
    try:
        body = wire.decode_object(content)
    except ValueError:
        return []
    details = body.get("o:errorDetails")
    entries = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    if not entries and "o:errorCode" in body:
        entries = [body]
    return [_complaint(entry, body) for entry in entries[:DETAILS_MAX]]


def _complaint(entry: Mapping[str, Any], body: Mapping[str, Any]) -> Complaint:
    return Complaint(
        code=str(entry.get("o:errorCode") or body.get("o:errorCode") or ""),
        detail=str(entry.get("detail") or body.get("title") or ""),
        path=str(entry.get("o:errorPath") or ""),
    )
