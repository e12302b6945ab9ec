"""Panels on threads of a raw socket server: healthy ones, and ones that are sick in the ways that hold a caller up."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Final
from urllib.parse import parse_qs

HEALTHY: Final = "healthy"
HELD: Final = "held by 429"
DRIPPING: Final = "dripping"
MUTE: Final = "mute"
SLOW_TLS: Final = "slow TLS"
SICK: Final = (HELD, DRIPPING, MUTE, SLOW_TLS)
# The hub calls them old from two seconds on; the rest is for a machine that is late.
OLD_SECONDS: Final = 2.5


class Panel:
    """One panel of a kind on a port of its own, for as long as its block lasts.

    ``calls`` are ``(monotonic seconds, action)`` of every request that was read; ``touched`` is whether anybody has
    connected at all; ``most_old`` is how many connections older than two seconds it had at once, at most.
    """

    def __init__(self, kind: str = HEALTHY, *, services: int = 3) -> None:
        self.kind = kind
        self.calls: list[tuple[float, str]] = []
        self.most_old = 0
        self.touched = False
        self._services = services
        self._numbers = 0
        self._open: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=200)

    def __enter__(self) -> Panel:
        for work in (self._accept, self._watch):
            threading.Thread(target=work, name=f"{self.kind} panel", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        scheme = "https" if self.kind == SLOW_TLS else "http"
        return f"{scheme}://127.0.0.1:{self._server.getsockname()[1]}/api/v2"

    def times_of(self, action: str) -> list[float]:
        """Return when each call of ``action`` was read."""
        return [at for at, name in list(self.calls) if name == action]

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            now = time.monotonic()
            with self._lock:
                old = sum(now - since > OLD_SECONDS for since in self._open.values())
                self.most_old = max(self.most_old, old)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.touched = True
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, suppress(OSError):
                while not self._over.is_set() and self._answer(connection):
                    pass
        finally:
            with self._lock:
                self._open.pop(connection, None)

    def _answer(self, connection: socket.socket) -> bool:
        """Read one request and answer it in the panel's way; whether the connection stays."""
        if self.kind == SLOW_TLS:
            with self._lock:
                self._open[connection] = time.monotonic()
            self._hang(connection)
            return False
        body = _read_request(connection)
        if body is None:
            return False
        with self._lock:
            self._open[connection] = time.monotonic()
        action = body.get("action", [""])[0]
        self.calls.append((time.monotonic(), action))
        match self.kind:
            case "held by 429":
                connection.sendall(b"HTTP/1.1 429 Too Many\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n")
            case "mute":
                self._hang(connection)
            case "dripping":
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
                self._hang(connection, drip=b" ")
            case _:
                content = json.dumps(self._reply(action, body)).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
                connection.sendall(head.encode() + content)
                with self._lock:
                    # Kept open between calls, which is no call.
                    self._open.pop(connection, None)
                return True
        return False

    def _hang(self, connection: socket.socket, *, drip: bytes = b"") -> None:
        """Say nothing, or ``drip`` once a second, until the caller has gone."""
        connection.settimeout(1.0)
        while not self._over.is_set():
            try:
                if not connection.recv(4096):
                    return
            except TimeoutError:
                connection.sendall(drip)

    def _reply(self, action: str, body: dict[str, list[str]]) -> Any:
        match action:
            case "add":
                with self._lock:
                    self._numbers += 1
                    return {"order": self._numbers}
            case "balance":
                return {"balance": "1000.00", "currency": "USD"}
            case "services":
                return [_service(number) for number in range(1, self._services + 1)]
            case "status":
                ids = body.get("orders", [""])[0].split(",")
                state = {
                    "charge": "0.09",
                    "start_count": "1",
                    "status": "In progress",
                    "remains": "1",
                    "currency": "USD",
                }
                return state if "order" in body else dict.fromkeys(ids, state)
            case _:
                return {"error": "Incorrect request"}


def _service(number: int) -> dict[str, Any]:
    return {
        "service": number,
        "name": f"Instagram Likes {number}",
        "type": "Default",
        "category": "Instagram",
        "rate": "0.90",
        "min": "1",
        "max": "10000",
        "refill": False,
        "cancel": False,
    }


def _read_request(connection: socket.socket) -> dict[str, list[str]] | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return parse_qs(body.decode())
