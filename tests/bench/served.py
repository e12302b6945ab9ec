"""The hub behind the web server that `manage.py run` uses, with one view more: the floor. Gunicorn's door is here."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Final

START_SECONDS: Final = 30.0
_DOOR: Final = "tests.bench.served:application"


def application(environ: Any, start_response: Any) -> Any:
    """Return the hub with the addresses of :mod:`tests.bench.p3_pages`, made at the first request."""
    return _hub()(environ, start_response)


def _hub() -> Any:
    from django.core.wsgi import get_wsgi_application

    global _made
    if _made is None:
        _made = get_wsgi_application()
        from django.conf import settings

        settings.ROOT_URLCONF = "tests.bench.p3_pages"
    return _made


_made: Any = None


@contextmanager
def served() -> Iterator[int]:
    """The hub on a free port of this machine, one process of it; yields the port."""
    from panelhub.launcher.plan import WEB_THREADS

    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", _DOOR, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
            *("--workers", "1", "--threads", str(WEB_THREADS), "--log-level", "warning", "--no-control-socket"),
        ]
    )
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=START_SECONDS)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("The web server did not start.")


class Visitor:
    """Someone who is logged in, over one kept connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}

    def time(self, url: str) -> float:
        """Return seconds until the whole page is here; raises ``RuntimeError`` when it is none."""
        began = time.perf_counter()
        self._connection.request("GET", url, headers=self._headers)
        reply = self._connection.getresponse()
        reply.read()
        took = time.perf_counter() - began
        if reply.status != http.client.OK:
            raise RuntimeError(f"{url}: {reply.status}")
        return took
