"""Connections that keep one deadline from the first name look-up to the last byte, and remember how far they got.

requests and urllib3 know timeouts for each single read: a reply that drips a byte now and then, in its headers or in
its body, never ends for them. Here every wait on the socket gets what is left of the call's deadline.

They also cannot say whether a request was on the wire when something broke. Here the connection notes it: a `Call`
that never reached `Phase.sent` has surely not happened.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from providers.client.address import find_addresses

_MAX_HEADER_BYTES: Final = 256 * 1024
_PIECE: Final = 16 * 1024


class Phase(IntEnum):
    """How far a call got. From `sent` on it may have taken effect."""

    resolving = 0
    connecting = 1
    securing = 2
    sent = 3


@dataclass(slots=True, kw_only=True)
class Call:
    """One call under way.

    `ends` is on the monotonic clock; `connect_seconds` bounds connecting and securing each. `timed_out` sets a
    connection that did not come about in time from one that was refused; `received` counts bytes of the reply, its
    headers included; `reused` says that the request went over a reused connection. `sock` is what it waits on, and
    `was_ended` says that another thread ended it.
    """

    ends: float
    connect_seconds: float
    allow_private: bool = False
    phase: Phase = Phase.resolving
    timed_out: bool = False
    received: int = 0
    reused: bool = False
    sock: socket.socket | None = None
    was_ended: bool = False

    def remaining(self) -> float:
        """Return seconds left; raises TimeoutError when there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call's deadline has passed")
        return left

    def end(self) -> None:
        """Let the deadline be over now."""
        self.was_ended, self.ends = True, 0.0

    def is_over(self) -> bool:
        """Return whether the deadline has passed."""
        return time.monotonic() >= self.ends


class Interruption:
    """Lets another thread end the calls of a block (:func:`interruptible`), as if their deadline had passed."""

    def __init__(self) -> None:
        self.is_set = False
        self.call: Call | None = None

    def set(self) -> None:
        """End the call that is under way, and each that follows."""
        self.is_set = True
        if (call := self.call) is None:
            return
        call.end()
        if (sock := call.sock) is not None:
            with contextlib.suppress(OSError):
                # Not the method of an SSLSocket, which throws away what the other thread is reading with.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


_current: ContextVar[Call] = ContextVar("call")
_interruption: ContextVar[Interruption | None] = ContextVar("interruption", default=None)


@contextlib.contextmanager
def interruptible() -> Iterator[Interruption]:
    """Give the means to end, from another thread, the calls that this thread makes in the block."""
    interruption = Interruption()
    token = _interruption.set(interruption)
    try:
        yield interruption
    finally:
        _interruption.reset(token)


@contextlib.contextmanager
def under_way(call: Call) -> Iterator[Call]:
    """Make the call the one that connections used in this thread keep to."""
    token = _current.set(call)
    interruption = _interruption.get()
    try:
        if interruption is not None:
            interruption.call = call
            if interruption.is_set:
                call.end()
        yield call
    finally:
        if interruption is not None:
            interruption.call = None
        _current.reset(token)
        _hold(call, None)


def _hold(call: Call, sock: socket.socket | None) -> None:
    """Note what a call waits on; a duplicate, which was held while the original was being wrapped, is closed."""
    held, call.sock = call.sock, sock
    if held is not None and held is not sock and isinstance(held, _Duplicate):
        held.close()


class _Duplicate(socket.socket):
    """A second handle on a connection: the first one is gone once TLS has wrapped it."""


class _DeadlineReader(io.RawIOBase):
    """Reads a socket, giving every wait what is left of the call."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        # makefile keeps the socket open until this is closed, also when the connection closes first.
        self._raw = sock.makefile("rb", buffering=0)
        self.allowance: int | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        call = _current.get()
        self._sock.settimeout(call.remaining())
        count: int | None = self._raw.readinto(buffer)
        call.received += count or 0
        if self.allowance is not None:
            self.allowance -= count or 0
            if not count:
                # http.client takes the end of the connection for the end of the headers.
                raise ConnectionAbortedError("cut in the headers")
            if self.allowance < 0:
                raise http.client.HTTPException("headers without end")
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A response whose headers and body are read under the call's deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self._reader = _DeadlineReader(sock)
        self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        self._reader.allowance = _MAX_HEADER_BYTES
        super().begin()
        self._reader.allowance = None
        # urllib3 logs what it finds wrong with headers, and a header may echo the key.
        self.msg.defects = []
        self.msg.set_payload("")


class _Pinned:
    """What our plain and our secure connection share: checked addresses, one deadline, and notes on the call."""

    response_class = _Response
    sock: socket.socket | None
    port: int
    _dns_host: str

    def _new_conn(self) -> socket.socket:
        call = _current.get()
        call.phase = Phase.resolving
        addresses = find_addresses(
            self._dns_host, self.port, seconds=call.remaining(), allow_private=call.allow_private
        )
        call.phase = Phase.connecting
        until = min(call.ends, time.monotonic() + call.connect_seconds)
        problem: OSError | None = None
        for number, (family, address) in enumerate(addresses):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # Each address gets its share, so that one that swallows packets leaves time for the next.
                share = (until - time.monotonic()) / (len(addresses) - number)
                if share <= 0:
                    raise TimeoutError("no time left to connect")
                sock.settimeout(share)
                sock.connect(address)
            except OSError as failed:
                sock.close()
                problem = failed
                continue
            call.phase = Phase.securing
            if _interruption.get() is not None:
                _hold(call, _Duplicate(fileno=socket.dup(sock.fileno())))
            sock.settimeout(max(0.001, min(call.ends - time.monotonic(), call.connect_seconds)))
            return sock
        call.timed_out = isinstance(problem, TimeoutError)
        raise problem or OSError("no address answered")

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        call = _current.get()
        if call.phase is not Phase.sent:
            call.reused = call.phase is Phase.resolving
            call.phase = Phase.sent
        assert self.sock is not None  # noqa: S101 - for the type checker: connect() has made it
        _hold(call, self.sock)
        view = memoryview(data)
        for start in range(0, len(view), _PIECE):
            self.sock.settimeout(call.remaining())
            self.sock.sendall(view[start : start + _PIECE])


class _PinnedHTTPConnection(_Pinned, HTTPConnection):  # type: ignore[misc]
    pass


class _PinnedHTTPSConnection(_Pinned, HTTPSConnection):  # type: ignore[misc]
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PinnedHTTPConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _PinnedHTTPSConnection


class PinnedAdapter(HTTPAdapter):
    """A requests adapter over pinned connections and one shared SSL context.

    It is used without a Session: a Session is what follows redirects, keeps cookies and reads proxies and passwords
    from the environment.
    """

    def __init__(self, *, context: ssl.SSLContext, connections: int = 1) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002
        manager = urllib3.PoolManager(num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        self.poolmanager = manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        # The shared context verifies. Naming the CA file here again would load it again for each connection, at 17 ms.
        conn.cert_reqs = "CERT_REQUIRED"
