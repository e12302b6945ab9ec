"""Real HTTP on a socket: reads a request, asks the panel, writes the reply as crookedly as it is asked to."""

from __future__ import annotations

import selectors
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from providers.sandbox.api.replies import Ending, Reply, json_reply

if TYPE_CHECKING:
    from providers.sandbox.panel import Panel

_FORM = "application/x-www-form-urlencoded"
_LONGEST_BODY = 4_000_000
_RESET = struct.pack("ii", 1, 0)  # linger for zero seconds: close() sends RST
_FAREWELL = 5.0  # seconds that requests at work have to end in when the server stops


class Site(Protocol):
    """What the server needs to know of the sandbox."""

    panels: dict[str, Panel]
    now: Callable[[], float]
    elsewhere: list[str]

    def control(self, method: str, path: str, body: bytes) -> Reply:
        """Return the reply to whatever is not a panel's address, for loopback callers alone."""


class PanelServer(ThreadingHTTPServer):
    """One address, several panels at /<slug>/api/v2; a thread a connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    timeout = 0  # `handle_request` is called when there is one

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        self.site = site
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)
        self._notifier, self._waker = socket.socketpair()

    def server_bind(self) -> None:
        """Bind without asking the resolver for a name, which can take seconds on a machine without one."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def serve_until_closed(self) -> None:
        """Take connections until `close` is called; asleep while there is nothing to do."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._notifier, selectors.EVENT_READ)
            while not self.stopping.is_set():
                if any(key.fileobj is self.socket for key, _ in selector.select()):
                    self.handle_request()

    def close(self, loop: threading.Thread | None) -> None:
        """Take no more connections, let requests at work end, cut off whoever cannot; once."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        self._waker.send(b"!")
        if loop is not None:
            loop.join()
        self.server_close()
        self._notifier.close()
        self._waker.close()
        self._hang_up()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, and know it while it is open."""
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)

    def _hang_up(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        deadline = time.monotonic() + _FAREWELL
        while self._open and time.monotonic() < deadline:
            time.sleep(0.01)
        for connection in list(self._open):
            connection.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hung up is no news; anything else is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75
    server: PanelServer

    def do_GET(self) -> None:
        self._serve("GET", b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LONGEST_BODY:
            self.close_connection = True
            self._send(json_reply({"error": "Incorrect request"}, status=413))
            return
        self._serve("POST", self.rfile.read(int(length)))

    def _serve(self, method: str, body: bytes) -> None:
        site = self.server.site
        path = urlsplit(self.path).path
        panel = site.panels.get(path.removeprefix("/").removesuffix("/api/v2"))
        if panel is not None and path == f"/{panel.slug}/api/v2":
            self._send(self._ask(panel, method, body), latency=panel.latency)
        elif path == "/elsewhere":
            site.elsewhere.append(f"{method} {body.decode('utf-8', 'replace')}")
            self._send(json_reply({"order": 1}))
        elif self._is_from_here():
            self._send(site.control(method, path, body if self._says("application/json") else b""))
        else:
            self._send(json_reply({"error": "The control page answers on the loopback address alone."}, status=403))

    def _ask(self, panel: Panel, method: str, body: bytes) -> Reply:
        arrived = self.server.site.now()
        if method != "POST":
            return json_reply({"error": "Method not allowed"}, status=405, headers=(("Allow", "POST"),))
        if not self._says(_FORM):
            return json_reply({"error": "Incorrect request"}, status=400)
        params = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return panel.receive(params, arrived=arrived)

    def _says(self, content_type: str) -> bool:
        return self.headers.get_content_type() == content_type

    def _is_from_here(self) -> bool:
        # The name is looked at too: a page in a browser may have rebound its own name to the loopback address.
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        return ip_address(self.client_address[0]).is_loopback and name in {"127.0.0.1", "localhost", "::1"}

    def _send(self, reply: Reply, *, latency: float = 0.0) -> None:
        if reply.ending != Ending.keep:
            self.close_connection = True
        self._wait(latency + reply.hold)
        if not reply.silent:
            self._write(reply)
        if reply.ending == Ending.reset:
            self._reset()

    def _write(self, reply: Reply) -> None:
        head = reply.head()
        if reply.drip_head:
            line, _, _ = head.partition(b"\r\n")
            self.wfile.write(line + b"\r\nX-Patience: ")
            self._drip(b"0" * 100_000, reply.drip)
        elif reply.drip:
            self.wfile.write(head)
            self._drip(reply.body, reply.drip)
        elif reply.endless:
            self.wfile.write(head)
            while not self.server.stopping.is_set():
                self.wfile.write(reply.body)
        else:
            self.wfile.write(head + reply.body)

    def _drip(self, data: bytes, seconds: float) -> None:
        for index in range(len(data)):
            self.wfile.write(data[index : index + 1])
            if self._wait(seconds):
                return

    def _wait(self, seconds: float) -> bool:
        """Return whether the sandbox was stopped meanwhile."""
        return seconds > 0 and self.server.stopping.wait(seconds)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.rfile.close()  # the socket closes with its last file object
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: requests are in the ledger."""
