"""One HTTP request and its whole answer, bounded in size and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from isthmus.core.errors import Retryable, Unknown
from isthmus.netsuite import wire
from isthmus.ops.clock import Clock

# Raised before a byte of the request has left.
NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request to make.

    :param operation: what it is called in metrics and messages, such as ``create salesOrder``.
    :param writes: whether it changes something, so that an unknown outcome matters.
    """

    operation: str
    method: str
    path: str
    writes: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def accepted(self) -> bool:
        """Tell whether the status is one of success."""
        return 200 <= self.status < 300

    def body(self) -> dict[str, Any]:
        """Return the JSON object in it.

        :raises ValueError: it is something else.
        """
        return wire.decode_object(self.content)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how much, at most. Real seconds: a rehearsal does not shorten them.

    :param connect_s: to have a connection.
    :param answer_s: from the request to the end of the answer.
    :param answer_bytes: of the answer.
    """

    connect_s: float
    answer_s: float
    answer_bytes: int


class Exchange:
    """Sends requests and reads their answers; redirects and retries are not its business."""

    def __init__(self, http: httpx.Client, *, bounds: Bounds, clock: Clock) -> None:
        self._http = http
        self._bounds = bounds
        self._clock = clock

    def send(self, call: Call, *, deadline: float) -> Answer:
        """Send the request once and read the whole answer.

        :raises Retryable: it was not sent, or it only reads and no answer came.
        :raises Unknown: it writes and was sent, but no whole answer came.
        """
        started = self._clock.monotonic()
        until = min(deadline, started + self._bounds.answer_s)
        if until <= started:
            detail = f"no time left for {call.operation}"
            raise Retryable(detail, reason_class="deadline")
        try:
            return self._exchange(call, until=until, seconds=until - started)
        except NEVER_SENT as error:
            detail = f"NetSuite cannot be reached for {call.operation}: {type(error).__name__}"
            raise Retryable(detail, reason_class="unreachable") from error
        except httpx.TimeoutException as error:
            raise _unanswered(call, "no answer in time", "timeout") from error
        except httpx.LocalProtocolError:
            raise  # A request that HTTP cannot carry is a bug of ours.
        except httpx.RequestError as error:
            said = f"the connection broke ({type(error).__name__})"
            raise _unanswered(call, said, "connection-broken") from error

    def _exchange(self, call: Call, *, until: float, seconds: float) -> Answer:
        request = self._http.build_request(
            call.method,
            call.path,
            params=call.params or None,
            headers=call.headers,
            content=call.content,
            timeout=self._timeout(seconds),
        )
        response = self._http.send(request, stream=True)
        try:
            content = self._read(response, call, until=until)
        finally:
            response.close()
        return Answer(response.status_code, response.headers, content)

    def _read(self, response: httpx.Response, call: Call, *, until: float) -> bytes:
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > self._bounds.answer_bytes:
                raise _unanswered(call, "the answer is too large", "answer-too-large")
            if self._clock.monotonic() > until:
                raise _unanswered(call, "the answer came too slowly", "timeout")
        return bytes(content)

    def _timeout(self, seconds: float) -> httpx.Timeout:
        connect = min(self._bounds.connect_s, seconds)
        return httpx.Timeout(connect=connect, pool=connect, read=seconds, write=seconds)


def _unanswered(call: Call, said: str, reason_class: str) -> Retryable:
    """Make the error for a request that was sent and got no whole answer."""
    kind = Unknown if call.writes else Retryable
    return kind(f"{call.operation}: {said}", reason_class=reason_class)
