"""gunicorn's worker of threads, with an end to requests that never come whole.

A thread that waits for the rest of a header waits for ever otherwise: eight connections that each send half of one kept
everybody else out. A proxy that buffers requests does the same in front of it.
"""

from __future__ import annotations

import errno
import socket
import time
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

HEADER_SECONDS: Final = 5.0
# To begin a body; each part that arrives earns more time, so that a slow line may upload and a silent one ends.
BODY_SECONDS: Final = 5.0
LEAST_BYTES_A_SECOND: Final = 20_000
SEND_SECONDS: Final = 60.0


class DeadlineSocket(socket.socket):
    """A connection whose request has to be there in time; an answer only has to move."""

    ends: float = 0.0

    def recv(self, *args: Any) -> bytes:
        """Read, until the deadline of the request; raises ConnectionResetError after it."""
        left = self.ends - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self.settimeout(left)
            received = super().recv(*args)
            self.ends += len(received) / LEAST_BYTES_A_SECOND
            return received
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the request did not come in time") from None
        finally:
            self.settimeout(SEND_SECONDS)


class Worker(ThreadWorker):
    """Threads that wait for a request for seconds, and for as long as its body goes on coming."""

    def handle(self, conn: Any) -> Any:
        if not isinstance(conn.sock, DeadlineSocket):
            conn.sock = DeadlineSocket(fileno=conn.sock.detach())
        conn.sock.ends = time.monotonic() + HEADER_SECONDS
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.sock.ends = time.monotonic() + BODY_SECONDS
        return super().handle_request(req, conn)
