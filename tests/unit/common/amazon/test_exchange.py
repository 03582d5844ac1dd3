"""One request and its whole answer, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from isthmus.amazon.exchange import Http, HttpBounds
from isthmus.core.errors import Retryable
from isthmus.testing.clock import VirtualClock

BOUNDS = HttpBounds(total_s=60, answer_bytes=1000)


class Drip(httpx.SyncByteStream):
    """A body that comes in small pieces, with time between them."""

    def __init__(self, *, clock: VirtualClock, pieces: int, seconds: float) -> None:
        self._clock, self._pieces, self._seconds = clock, pieces, seconds

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._pieces):
            self._clock.advance(self._seconds)
            yield b"x" * 100


def http(answer: Callable[[httpx.Request], httpx.Response], *, clock: VirtualClock) -> Http:
    return Http(bounds=BOUNDS, clock=clock, transport=httpx.MockTransport(answer))


class TestHttp:
    def test_reads_the_answer_to_its_end_whatever_it_says(self) -> None:
        clock = VirtualClock()
        drip = Drip(clock=clock, pieces=3, seconds=1)
        subject = http(lambda _: httpx.Response(503, stream=drip), clock=clock)

        exchange = subject.send("GET", "http://amazon.test/orders")

        assert (exchange.status, exchange.body) == (503, b"x" * 300)

    def test_gives_up_an_answer_that_is_too_large(self) -> None:
        clock = VirtualClock()
        drip = Drip(clock=clock, pieces=11, seconds=0)

        with pytest.raises(Retryable, match="larger than 1000 bytes"):
            http(lambda _: httpx.Response(200, stream=drip), clock=clock).send("GET", "http://a.b/")

    def test_gives_up_an_answer_that_drips(self) -> None:
        clock = VirtualClock()
        drip = Drip(clock=clock, pieces=9, seconds=10)

        with pytest.raises(Retryable) as refusal:
            http(lambda _: httpx.Response(200, stream=drip), clock=clock).send("GET", "http://a.b/")

        assert refusal.value.reason_class == "time-out"

    @pytest.mark.parametrize(
        ("error", "reason_class"),
        [
            (httpx.ConnectTimeout, "time-out"),
            (httpx.ReadTimeout, "time-out"),
            (httpx.PoolTimeout, "time-out"),
            (httpx.ConnectError, "unreachable"),
            (httpx.ReadError, "unreachable"),
            (httpx.RemoteProtocolError, "unreachable"),
            (httpx.DecodingError, "unreachable"),
        ],
    )
    def test_is_tried_again_when_nothing_whole_came(
        self, error: type[httpx.RequestError], reason_class: str
    ) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            raise error("dead", request=request)

        with pytest.raises(Retryable, match=r"amazon\.test") as refusal:
            http(answer, clock=VirtualClock()).send("GET", "http://amazon.test/orders")

        assert refusal.value.reason_class == reason_class

    def test_follows_nobody_elsewhere(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            assert request.url.host == "amazon.test"
            return httpx.Response(302, headers={"location": "http://elsewhere.test/"})

        exchange = http(answer, clock=VirtualClock()).send("GET", "http://amazon.test/orders")

        assert exchange.status == 302
