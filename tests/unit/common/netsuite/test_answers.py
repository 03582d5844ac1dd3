"""What NetSuite's error answers mean."""

from __future__ import annotations

import json

import pytest

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.netsuite.answers import error_of, judge
from isthmus.netsuite.errors import (
    AlreadyExists,
    ConcurrencyRefused,
    LoginRefused,
    NotFound,
)
from tests.unit.common.netsuite.parts import complaint


def the_error(
    status: int, content: bytes, *, writes: bool = True, doing: str = "create salesOrder"
) -> Rejected | Retryable:
    return error_of(judge(status, content), doing=doing, writes=writes)


class TestJudge:
    @pytest.mark.parametrize(
        ("status", "code", "kind", "reason_class"),
        [
            (429, "CONCURRENCY_LIMIT_EXCEEDED", ConcurrencyRefused, "concurrency-limit"),
            (400, "CONCURRENCY_LIMIT_EXCEEDED", ConcurrencyRefused, "concurrency-limit"),
            (400, "SSS_REQUEST_LIMIT_EXCEEDED", ConcurrencyRefused, "concurrency-limit"),
            (503, "CONCURRENCY_LIMIT_EXCEEDED", ConcurrencyRefused, "concurrency-limit"),
            (429, "USER_ERROR", ConcurrencyRefused, "concurrency-limit"),
            (401, "INVALID_LOGIN", LoginRefused, "login-refused"),
            (400, "DUP_RCRD", AlreadyExists, "already-exists"),
            (400, "UNIQUE_CUST_ID_REQD", AlreadyExists, "already-exists"),
            (404, "NONEXISTENT_ID", NotFound, "not-found"),
            (400, "RCRD_HAS_BEEN_CHANGED", Retryable, "record-changed"),
            (500, "UNEXPECTED_ERROR", Unknown, "server-error"),
            (400, "SSS_TIME_LIMIT_EXCEEDED", Unknown, "script-limit"),
            (500, "INVALID_CONTENT", Unknown, "server-error"),
            (400, "CLOSED_TRAN_PRD", Rejected, "closed-period"),
            (403, "INSUFFICIENT_PERMISSION", Rejected, "permission"),
            (400, "INVALID_KEY_OR_REF", Rejected, "invalid-reference"),
            (400, "USER_ERROR", Rejected, "user-error"),
            (400, "SOMETHING_NEW", Rejected, "refused"),
        ],
    )
    def test_goes_by_the_code(
        self, status: int, code: str, kind: type[Exception], reason_class: str
    ) -> None:
        error = the_error(status, complaint(status, code).content)

        assert type(error) is kind
        assert error.reason_class == reason_class

    @pytest.mark.parametrize("code", ["USER_ERROR", "INVALID_CONTENT", "INVALID_KEY_OR_REF"])
    def test_knows_an_existing_record_by_the_sentence_too(self, code: str) -> None:
        answer = complaint(400, code, "This record already exists.", "externalId")

        error = the_error(400, answer.content)

        assert isinstance(error, AlreadyExists)
        assert error.path == "externalId"

    def test_knows_a_concurrency_refusal_by_the_sentence_too(self) -> None:
        detail = "Concurrent request limit exceeded. Request blocked."

        error = the_error(400, complaint(400, "USER_ERROR", detail).content)

        assert isinstance(error, ConcurrencyRefused)

    def test_keeps_the_place_and_the_sentence(self) -> None:
        detail = "Invalid Field Value 99 for the following field: item"

        error = the_error(
            400, complaint(400, "INVALID_CONTENT", detail, "item.items[0].item").content
        )

        assert isinstance(error, Rejected)
        assert error.path == "item.items[0].item"
        assert error.detail == f"NetSuite on create salesOrder: INVALID_CONTENT: {detail}"

    def test_reads_a_code_that_stands_at_the_top_alone(self) -> None:
        content = json.dumps({"title": "Bad Request", "o:errorCode": "DUP_RCRD"}).encode()

        assert isinstance(the_error(400, content), AlreadyExists)

    @pytest.mark.parametrize("status", [301, 400, 403, 404, 500, 502, 503, 504])
    @pytest.mark.parametrize(
        "content",
        [b"", b"<html>Service Unavailable</html>", b'{"o:errorDetails":[{"det', b"[]"],
    )
    def test_takes_an_answer_that_is_not_netsuites_for_an_unknown_outcome(
        self, status: int, content: bytes
    ) -> None:
        write, read = the_error(status, content), the_error(status, content, writes=False)

        assert type(write) is Unknown
        assert type(read) is Retryable

    @pytest.mark.parametrize(
        "content",
        [
            b'{"o:errorDetails":7}',
            b'{"o:errorDetails":[7,null]}',
            b'{"o:errorDetails":[{"detail":{},"o:errorCode":[]}]}',
        ],
    )
    def test_survives_any_shape(self, content: bytes) -> None:
        assert isinstance(the_error(400, content), Rejected | Retryable)
