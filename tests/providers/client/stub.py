"""A panel of bare sockets, for what no well-behaved HTTP server does: resets, drips, cuts, lies.

    with Stub(say(b"HTTP/1.1 200 OK\\r\\n...")) as stub:
        stub.url, stub.requests, stub.connections

A script is called with each accepted connection and the stub; what it does to the connection is what the client sees.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from types import TracebackType

Script = Callable[[socket.socket, "Stub"], None]


class Stub:
    """Listens on a port of its own on 127.0.0.1, each connection in a thread."""

    def __init__(self, *scripts: Script, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._scripts = list(scripts)
        self._context = context
        self._host = host
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.over = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.requests: list[bytes] = []
        self.server_names: list[str] = []

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._context else 'http'}://{self._host}:{self.port}"

    @property
    def url(self) -> str:
        """Where the stub's API is."""
        return f"{self.origin}/api/v2"

    def __enter__(self) -> Stub:
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        # A listener is not woken by being closed: a last connection wakes it.
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            pass
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.over.is_set():
                connection.close()
                return
            with self._lock:
                script = self._scripts[min(self.connections, len(self._scripts) - 1)]
                self.connections += 1
                self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, script), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection: socket.socket, script: Script) -> None:
        connection.settimeout(10)
        with contextlib.suppress(OSError):
            if self._context is not None:
                self._context.sni_callback = lambda _, name, __: self.server_names.append(name)
                try:
                    connection = self._context.wrap_socket(connection, server_side=True)
                    self._open.append(connection)
                except OSError:
                    connection.close()
                    return
            with connection:
                script(connection, self)

    def receive(self, connection: socket.socket) -> bytes:
        """Read one whole request and note it; b"" when the client is gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        stated = (line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        length = int(next(stated, b"0"))
        while len(body) < length:
            body += connection.recv(65536)
        request = head + b"\r\n\r\n" + body
        with self._lock:
            self.requests.append(request)
        return request


def http(body: bytes, *, status: str = "200 OK", headers: Iterable[str] = (), length: int | None = None) -> bytes:
    """Return the bytes of a reply."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def say(*pieces: bytes, every: float = 0.0) -> Script:
    """Read a request, send the pieces `every` so many seconds, close."""

    def script(connection: socket.socket, stub: Stub) -> None:
        stub.receive(connection)
        for piece in pieces:
            connection.sendall(piece)
            if every and stub.over.wait(every):
                return

    return script


def drip(head: bytes, *, every: float) -> Script:
    """Read a request, send the head at once, and then a byte every so many seconds without end."""

    def script(connection: socket.socket, stub: Stub) -> None:
        stub.receive(connection)
        connection.sendall(head)
        while not stub.over.wait(every):
            connection.sendall(b"x")

    return script


def pour(head: bytes, piece: bytes) -> Script:
    """Read a request, send the head, and then the piece again and again without end."""

    def script(connection: socket.socket, stub: Stub) -> None:
        stub.receive(connection)
        connection.sendall(head)
        while not stub.over.is_set():
            connection.sendall(piece)

    return script


def serve(*replies: bytes) -> Script:
    """Answer one request after the other on one connection; close when the replies are used up."""

    def script(connection: socket.socket, stub: Stub) -> None:
        for reply in replies:
            if not stub.receive(connection):
                return
            connection.sendall(reply)
        stub.receive(connection)

    return script


def reset(*, after: bytes | None = None, read: bool = True) -> Script:
    """Reset the connection: before a byte is read, after a request, or after a part of the reply."""

    def script(connection: socket.socket, stub: Stub) -> None:
        if read:
            stub.receive(connection)
        else:
            # Any earlier, and the reset may overtake the connection itself.
            connection.recv(1, socket.MSG_PEEK)
        if after is not None:
            connection.sendall(after)
            # The client has the part before the reset overtakes it.
            stub.over.wait(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script


def hang(connection: socket.socket, stub: Stub) -> None:
    """Read a request and say nothing."""
    stub.receive(connection)
    stub.over.wait(10)


def ignore(connection: socket.socket, stub: Stub) -> None:
    """Neither read nor say anything."""
    stub.over.wait(10)
