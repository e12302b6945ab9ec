"""A panel that costs next to nothing itself: every answer is canned and comes after a latency. A process of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import parse_qs

_END: Final = b"\r\n\r\n"
_ROW: Final = {"charge": "0.27819", "start_count": "3572", "status": "In progress", "remains": "157", "currency": "USD"}


@contextmanager
def stub(latency: float) -> Iterator[str]:
    """Yields the stub's address; every call to it takes ``latency`` seconds."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, latency), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/api/v2"
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Any, latency: float) -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(_listen(pipe, latency))


async def _listen(pipe: Any, latency: float) -> None:
    ids = itertools.count(1_000_000)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(_END)).decode("latin-1").lower()
                length = next(line for line in head.splitlines() if line.startswith("content-length:"))
                asked = parse_qs((await reader.readexactly(int(length.partition(":")[2]))).decode())
                await asyncio.sleep(latency)
                body = json.dumps(_answer(asked, ids)).encode()
                kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                writer.write(kind + b"Content-Length: %d" % len(body) + _END + body)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=256)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _answer(asked: dict[str, list[str]], ids: Iterator[int]) -> Any:
    match asked["action"][0]:
        case "status" if "orders" in asked:
            return dict.fromkeys(asked["orders"][0].split(","), _ROW)
        case "status":
            return _ROW
        case "add":
            return {"order": next(ids)}
        case "balance":
            return {"balance": "1000000.00", "currency": "USD"}
        case "services":
            return [{"service": 1, "name": "Views", "type": "Default", "rate": "0.90", "min": "10", "max": "10000"}]
    return {"error": "Incorrect request"}
