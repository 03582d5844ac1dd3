"""Serve an end on a port: says where it listens, stops at once, can cut a connection hard."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from isthmus_sandbox.clock import Clock

_LINGER_NOT: Final = struct.pack("ii", 1, 0)  # on, zero seconds: close() sends RST, not FIN


class CutConnection(Response):
    """Answers with a reset of the TCP connection instead of bytes, after a delay if one is set.

    Works behind `serve` alone, where there is a connection to cut.
    """

    def __init__(self, *, after_s: float = 0.0) -> None:
        super().__init__(status_code=500)
        self._after_s = after_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, or leave earlier when the client has left; then cut."""
        if self._after_s:
            try:
                async with asyncio.timeout(self._after_s):
                    while (await receive())["type"] != "http.disconnect":
                        pass
            except TimeoutError:
                pass
        scope["state"]["cut"]()


def health_router(*, name: str, clock: Clock) -> APIRouter:
    """Return the route `/_control/health`."""
    router = APIRouter()

    @router.get("/_control/health")
    async def health() -> dict[str, object]:
        return {"end": name, "status": "up", "clock_factor": clock.factor}

    return router


def serve(app: FastAPI, *, host: str, port: int, port_file: Path | None) -> None:
    """Serve until SIGTERM or SIGINT; port 0 is a free port, told by `port_file` when it listens."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_CuttableProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,  # seconds; only an answer held back by a fault needs it
    )
    _Server(config, port_file=port_file).run()


class _CuttableProtocol(H11Protocol):
    """Hands each request a `cut` in its state."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, "cut": self.cut}, _loop)

    def cut(self) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is not None:
            self.cycle.disconnected = True  # uvicorn then neither answers nor complains
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, *, port_file: Path | None) -> None:
        super().__init__(config)
        self._port_file = port_file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._port_file is not None and self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            _write_whole(self._port_file, f"{port}\n")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            cast(_CuttableProtocol, connection).cut()
        await super().shutdown(sockets)


def _write_whole(path: Path, text: str) -> None:
    """Write so that a reader sees the whole text or no file."""
    draft = path.with_name(path.name + ".draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
