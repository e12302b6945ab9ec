"""Dial for Apprise: connections go to checked addresses over verified TLS, follow nothing and end in time.

Apprise's plugins call `requests` and `smtplib` by name. The plugins in use get stand-ins under these names that apply
the address guard of providers: the name is resolved once, every address must be public, and the connection is made
to what was checked.
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from providers.client.address import AddressRefused, check_url, find_addresses
from providers.client.connection import Call, PinnedAdapter, under_way
from providers.client.transport import shared_context

MOST_BYTES: Final = 1024 * 1024
_PIECE: Final = 64 * 1024


@dataclass(slots=True)
class Dial:
    """One message on its way: until when (monotonic clock), whether to private addresses, and why it was stopped."""

    ends: float
    allow_private: bool = False
    refusal: str = ""

    def remaining(self) -> float:
        """Return seconds left; raises TimeoutError when there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


_current: ContextVar[Dial] = ContextVar("dial")


@contextlib.contextmanager
def dialing(*, seconds: float, allow_private: bool) -> Iterator[Dial]:
    """Let guarded plugins dial in this thread, for so many seconds in all."""
    dial = Dial(ends=time.monotonic() + seconds, allow_private=allow_private)
    token = _current.set(dial)
    try:
        yield dial
    finally:
        _current.reset(token)


def guard_modules(plugin: type) -> None:
    """Give the modules of one of Apprise's plugins the stand-ins; outside of :func:`dialing` they reach no one."""
    package = plugin.__module__.rpartition(".")[0]
    whole = plugin.__module__ if package == "apprise.plugins" else package
    # Not list(….items()): a garbage collection in the middle of it may let another thread import a module.
    for path, module in sys.modules.copy().items():
        if path == whole or path.startswith(f"{whole}."):
            _guard(module)


def _guard(module: ModuleType) -> None:
    if isinstance(getattr(module, "requests", None), ModuleType):
        module.requests = GuardedRequests()  # type: ignore[attr-defined]
    if isinstance(getattr(module, "smtplib", None), ModuleType):
        module.smtplib = SimpleNamespace(  # type: ignore[attr-defined]
            SMTP=GuardedSMTP, SMTP_SSL=GuardedSMTPOverTLS, SMTPException=smtplib.SMTPException
        )


class GuardedRequests:
    """The part of `requests` that plugins use."""

    codes = requests.codes
    exceptions = requests.exceptions
    RequestException = requests.RequestException
    TooManyRedirects = requests.TooManyRedirects
    Response = requests.Response

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send one request. What the plugin says of TLS, redirects, proxies and times is not heeded."""
        wanted = {name: options.get(name) for name in ("params", "data", "json", "headers", "auth", "files", "cookies")}
        prepared = requests.Request(method, url, **wanted).prepare()
        prepared.headers.update({"Accept-Encoding": "identity", "Connection": "close"})
        dial = _current.get()
        try:
            return _exchange(prepared, dial)
        except AddressRefused as refused:
            dial.refusal = refused.sentence
            raise requests.ConnectionError(refused.sentence) from None
        except requests.RequestException:
            raise
        except Exception as problem:
            raise requests.ConnectionError(type(problem).__name__) from problem

    def get(self, url: str, **options: Any) -> requests.Response:
        """Send a GET."""
        return self.request("GET", url, **options)

    def post(self, url: str, data: Any = None, **options: Any) -> requests.Response:
        """Send a POST."""
        return self.request("POST", url, data=data, **options)

    def put(self, url: str, data: Any = None, **options: Any) -> requests.Response:
        """Send a PUT."""
        return self.request("PUT", url, data=data, **options)

    def delete(self, url: str, **options: Any) -> requests.Response:
        """Send a DELETE."""
        return self.request("DELETE", url, **options)


def _exchange(prepared: requests.PreparedRequest, dial: Dial) -> requests.Response:
    parts = urlsplit(str(prepared.url))
    check_url(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/", allow_private=dial.allow_private)
    call = Call(ends=dial.ends, connect_seconds=dial.remaining(), allow_private=dial.allow_private)
    adapter = PinnedAdapter(context=shared_context())
    try:
        with under_way(call):
            seconds = dial.remaining()
            response = adapter.send(prepared, stream=True, timeout=(seconds, seconds), verify=True, proxies={})
            body = bytearray()
            while piece := response.raw.read1(_PIECE, decode_content=False):
                body += piece
                if len(body) > MOST_BYTES:
                    raise OSError("the answer is too large")
    finally:
        adapter.close()
    response._content = bytes(body)
    response._content_consumed = True  # type: ignore[attr-defined]
    return response


def _connect(host: str, port: int) -> socket.socket:
    """Return a connection to a checked address of the host; raises OSError."""
    dial = _current.get()
    try:
        addresses = find_addresses(host, port, seconds=dial.remaining(), allow_private=dial.allow_private)
    except AddressRefused as refused:
        dial.refusal = refused.sentence
        raise OSError(refused.sentence) from None
    problem: OSError | None = None
    for family, address in addresses:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(dial.remaining() / len(addresses))
            sock.connect(address)
            sock.settimeout(dial.remaining())
        except OSError as failed:
            sock.close()
            problem = failed
            continue
        return sock
    raise problem or OSError("no address answered")


class _Guarded:
    """What both ways of speaking SMTP share: checked addresses, and an end whatever the server does."""

    _host: str

    def _dial(self, host: str, port: int) -> socket.socket:
        sock = _connect(host, port)
        # smtplib knows a time for each read, so a server that drips never ends. The copy outlives TLS round the socket.
        copy = socket.socket(fileno=os.dup(sock.fileno()))
        timer = threading.Timer(_current.get().remaining(), _hang_up, [copy])
        timer.daemon = True
        timer.start()
        self._end = timer, copy
        return sock

    def close(self) -> None:
        """Close the connection and forget its end."""
        super().close()  # type: ignore[misc]
        self._forget_end()

    def _forget_end(self) -> None:
        if found := self.__dict__.pop("_end", None):
            timer, copy = found
            timer.cancel()
            copy.close()


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class GuardedSMTP(_Guarded, smtplib.SMTP):
    """SMTP that becomes TLS by STARTTLS."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._dial(host, port)

    def starttls(self, *_given: Any, **_options: Any) -> tuple[int, bytes]:
        """Go on over TLS, verified whatever context was given."""
        return super().starttls(context=shared_context())


class GuardedSMTPOverTLS(_Guarded, smtplib.SMTP_SSL):
    """SMTP over TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> ssl.SSLSocket:
        sock = self._dial(host, port)
        try:
            return shared_context().wrap_socket(sock, server_hostname=self._host)
        except Exception:
            self._forget_end()
            raise
