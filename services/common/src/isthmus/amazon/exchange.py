"""One request, one whole answer, within bounds; whatever it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from isthmus.core.errors import Retryable
from isthmus.ops.clock import Clock

MIB: Final = 1024 * 1024
CONNECTIONS_MAX: Final = 32


@dataclass(frozen=True, slots=True)
class HttpBounds:
    """How long one request may take, and how much it may bring. Never scaled: machines are slow.

    :param silence_s: the longest time without a byte.
    :param total_s: the longest time from the first byte sent to the last one read.
    """

    connect_s: float = 5.0
    silence_s: float = 30.0
    total_s: float = 60.0
    answer_bytes: int = 64 * MIB


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back: status, headers and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A pool of connections that is safe for threads and never waits without end.

    :param transport: takes the place of the network, in tests.
    """

    def __init__(
        self, *, bounds: HttpBounds, clock: Clock, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._bounds = bounds
        self._clock = clock
        self._client = httpx.Client(
            timeout=httpx.Timeout(bounds.silence_s, connect=bounds.connect_s),
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            transport=transport,
        )

    def send(self, method: str, url: str, **parts: Any) -> Exchange:
        """Send a request and read the answer to its end.

        :param parts: as for ``httpx.Client.stream``.
        :raises Retryable: there was no answer, or not all of it, in time.
        """
        deadline = self._clock.monotonic() + self._bounds.total_s
        with _translated(url), self._client.stream(method, url, **parts) as response:
            body = b"".join(self._chunks(response, deadline=deadline))
            return Exchange(response.status_code, response.headers, body)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _chunks(self, response: httpx.Response, *, deadline: float) -> Iterator[bytes]:
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > self._bounds.answer_bytes:
                raise Retryable(
                    f"the answer is larger than {self._bounds.answer_bytes} bytes",
                    reason_class="answer-too-large",
                )
            if self._clock.monotonic() > deadline:
                raise Retryable(
                    f"the answer took more than {self._bounds.total_s:g} s",
                    reason_class="time-out",
                )
            yield chunk


@contextmanager
def _translated(url: str) -> Iterator[None]:
    host = httpx.URL(url).host
    try:
        yield
    except httpx.TimeoutException as error:
        raise Retryable(
            f"{host} did not answer in time ({type(error).__name__})", reason_class="time-out"
        ) from error
    except httpx.HTTPError as error:
        raise Retryable(
            f"{host} gave no whole answer ({type(error).__name__})", reason_class="unreachable"
        ) from error
