"""A small reverse proxy, as a web server in front of the dashboard is: one path, WebSockets too.

It forwards what is asked below its path, with ``Host`` as the browser sent it, and answers 404
to everything else. What was asked is kept.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_HEAD_END = b"\r\n\r\n"
_CHUNK = 65_536
_NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class ReverseProxy:
    """Forwards below ``path`` to a port of this machine; ``asked`` are the paths, in order.

    ``headers`` are added to every answer.
    """

    path: str
    upstream: int
    headers: tuple[str, ...] = ()
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """What was asked that is not below the path."""
        return [path for path in self.asked if not _is_below(path, self.path)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request, or a WebSocket until it ends."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(_HEAD_END)
            path = head.split(b" ", 2)[1].decode("ascii").partition("?")[0]
            self.asked.append(path)
            if _is_below(path, self.path):
                await self._forward(_single(head), reader, writer)
            else:
                writer.write(_NOT_HERE)
        with suppress(OSError):
            writer.close()

    async def _forward(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        inner_writer.write(head)
        there = asyncio.create_task(_pipe(reader, inner_writer))
        answer = (await inner_reader.readuntil(_HEAD_END)).removesuffix(b"\r\n")
        writer.write(answer + "".join(f"{line}\r\n" for line in self.headers).encode() + b"\r\n")
        await _pipe(inner_reader, writer)
        there.cancel()
        inner_writer.close()


@contextmanager
def proxied(path: str, upstream: int, headers: tuple[str, ...] = ()) -> Iterator[ReverseProxy]:
    """A reverse proxy on a free port, in a thread of its own."""
    proxy, ready = ReverseProxy(path, upstream, headers), threading.Event()
    stop, loop = asyncio.Event(), asyncio.new_event_loop()

    async def listen() -> None:
        async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
            proxy.port = server.sockets[0].getsockname()[1]
            ready.set()
            await stop.wait()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),), daemon=True)
    thread.start()
    ready.wait(timeout=10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        loop.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()


def _single(head: bytes) -> bytes:
    """The request without keep-alive, so that a connection carries one; an upgrade as it is."""
    lines = head.removesuffix(_HEAD_END).split(b"\r\n")
    if any(line.lower().startswith(b"upgrade:") for line in lines):
        return head
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + _HEAD_END


def _is_below(path: str, base: str) -> bool:
    return path == base or path.startswith(f"{base}/")
