"""Real HTTP on a socket: reads a request, asks the panel, writes the reply."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from providers.sandbox.panel import Panel

_FORM = "application/x-www-form-urlencoded"
_LONGEST_BODY = 4_000_000


class PanelServer(ThreadingHTTPServer):
    """One address, several panels at /<slug>/api/v2."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], panels: dict[str, Panel]) -> None:
        self.panels = panels
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PanelServer
    timeout = 60

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, _LONGEST_BODY))
        slug = self.path.strip("/").partition("/")[0]
        panel = self.server.panels.get(slug)
        if panel is None or self.path != f"/{slug}/api/v2":
            self._answer(404, {"error": "Not found"})
            return
        if self.headers.get_content_type() != _FORM:
            self._answer(400, {"error": "Incorrect request"})
            return
        params = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        self._answer(200, panel.receive(params))

    def do_GET(self) -> None:
        self._answer(405, {"error": "Method not allowed"})

    def _answer(self, status: int, value: Any) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        head = (
            f"HTTP/1.1 {status} {self.responses[status][0]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: requests are in the ledger."""
