"""What an answer is worth: success, or the error that tells the caller what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from isthmus.amazon.errors import AccessRefused, Throttled
from isthmus.amazon.exchange import Exchange
from isthmus.core.errors import Rejected, Retryable

T = TypeVar("T")

OK: Final = 200
THROTTLED: Final = 429
NO_ACCESS: Final = frozenset({401, 403})
REQUEST_ID: Final = "x-amzn-RequestId"
RATE_LIMIT: Final = "x-amzn-RateLimit-Limit"
WORDS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A success, and a JSON object. Money in it is read as decimals, never as floats."""

    raw: bytes
    request_id: str

    def read(self, kind: type[T]) -> T:
        """Read the whole answer.

        :raises Retryable: it is not what was asked for.
        """
        try:
            return msgspec.json.decode(self.raw, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Retryable(
                f"Amazon's answer {self.request_id} is not a {kind.__name__}: {error}",
                reason_class="unexpected-answer",
            ) from error


def answer_of(exchange: Exchange, *, operation: str) -> Answer:
    """Return the answer, if it is a success and a JSON object.

    :raises AccessRefused: 401 or 403.
    :raises Rejected: the request is wrong.
    :raises Throttled: 429.
    :raises Retryable: anything else that is not a success: 5xx, a page of HTML, half an answer.
    """
    fields = json_object(exchange.body)
    if exchange.status == OK and fields is not None and not _errors(fields):
        return Answer(exchange.body, exchange.headers.get(REQUEST_ID, ""))
    raise _refusal(exchange, fields, operation=operation)


def granted_rate_per_s(exchange: Exchange) -> float | None:
    """Return the rate that Amazon names in an answer, if it names one."""
    try:
        return float(exchange.headers.get(RATE_LIMIT, ""))
    except ValueError:
        return None


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""


def _refusal(
    exchange: Exchange, fields: Mapping[str, msgspec.Raw] | None, *, operation: str
) -> Rejected | Retryable:
    status = exchange.status
    text = f"{operation} answered {status}{_words(fields)}{_request(exchange)}"
    if status == THROTTLED:
        return Throttled(text)
    # A page in place of JSON is the work of a gateway, whatever its status says.
    if not 400 <= status < 500 or (fields is None and exchange.body.strip()):
        return Retryable(text, reason_class="unavailable")
    if status in NO_ACCESS:
        return AccessRefused(
            f"{text}. Remedy: check the application's roles in Seller Central, and authorize it"
            " again if the seller withdrew it"
        )
    return Rejected(text, reason_class="invalid-request")


def _words(fields: Mapping[str, msgspec.Raw] | None) -> str:
    if fields is None:
        return ", not in JSON"
    errors = _errors(fields) or [_gateway_error(fields)]
    said = ", ".join(f"{error.code} {error.message}".strip() for error in errors)
    return f": {said[:WORDS_MAX]}" if said else ""


def _request(exchange: Exchange) -> str:
    request_id = exchange.headers.get(REQUEST_ID)
    return f" (request {request_id})" if request_id else ""


def json_object(body: bytes) -> Mapping[str, msgspec.Raw] | None:
    """Return the fields of a body that is a JSON object, each as it came."""
    try:
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _errors(fields: Mapping[str, msgspec.Raw]) -> list[_Error]:
    if "errors" not in fields:
        return []
    try:
        return msgspec.json.decode(fields["errors"], type=list[_Error] | None) or []
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [_Error(message="errors in an unknown form")]


def _gateway_error(fields: Mapping[str, msgspec.Raw]) -> _Error:
    try:
        return _Error(message=msgspec.json.decode(fields["message"], type=str))
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError):
        return _Error()
