"""One request over the wire and its reply, read under its deadline and within its size; or how that failed.

Nothing here raises: failures are returned, so that no traceback leads through a frame that holds the key.
"""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import requests

from providers.client.address import AddressRefused
from providers.client.connection import Call, Phase, PinnedAdapter, under_way

_PIECE: Final = 64 * 1024
_KEPT_HEADERS: Final = ("content-type", "retry-after", "date", "server", "cf-ray")


class Failure(StrEnum):
    """How a call failed. The first five: before a byte of the request had left."""

    address = "address"
    unknown_host = "unknown_host"
    refused = "refused"
    connect_timeout = "connect_timeout"
    tls = "tls"
    timeout = "timeout"
    connection_lost = "connection_lost"
    bad_http = "bad_http"
    too_large = "too_large"


@dataclass(frozen=True, slots=True)
class RawReply:
    """A whole reply: its status, the few headers worth storing (names in lower case), its decoded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True)
class TransportFailure:
    """No whole reply. `partial` is the part of the body that had come, `sentence` what a person should know."""

    failure: Failure
    status: int | None = None
    partial: bytes = field(default=b"", repr=False)
    elapsed: float = 0.0
    sentence: str = ""


def exchange(
    adapter: PinnedAdapter, request: requests.PreparedRequest, call: Call, started: float, max_body: int
) -> RawReply | TransportFailure:
    """Send the request and read the whole reply, of at most ``max_body`` decoded bytes."""
    body = _Body(max_body)
    status: int | None = None
    sentence = ""
    # The connection keeps the true deadline; these are what urllib3 wants to see.
    timeouts = (call.connect_seconds, max(0.001, call.ends - started))
    try:
        with under_way(call):
            response = adapter.send(request, stream=True, timeout=timeouts, verify=True, proxies={})
            try:
                status = response.status_code
                body.decoder = _decoder(response.headers.get("content-encoding", ""))
                while piece := response.raw.read1(_PIECE, decode_content=False):
                    body.take(piece)
                body.finish()
                if call.was_ended:
                    # Without a stated length a body that was cut off looks whole.
                    raise TimeoutError
            finally:
                response.close()
        headers = {name: response.headers[name][:200] for name in _KEPT_HEADERS if name in response.headers}
        return RawReply(status, headers, bytes(body.decoded), time.monotonic() - started)
    except AddressRefused as refused:
        failure, sentence = Failure.address, refused.sentence
    except Exception as problem:
        failure = _name_failure(call, problem)
    return TransportFailure(failure, status, bytes(body.decoded), time.monotonic() - started, sentence)


class _TooLargeError(Exception):
    pass


class _NotDecodableError(Exception):
    pass


class _Body:
    """Takes the pieces of a body and inflates them, never beyond the cap: 300 KB of gzip can be 600 MB."""

    def __init__(self, cap: int) -> None:
        self.decoder: zlib._Decompress | None = None
        self.decoded = bytearray()
        self._cap = cap

    def take(self, piece: bytes) -> None:
        room = self._cap - len(self.decoded) + 1
        if self.decoder is None:
            self.decoded += piece[:room]
        elif self.decoder.eof:
            # zlib would gather whatever follows, without bound.
            raise _NotDecodableError
        else:
            try:
                self.decoded += self.decoder.decompress(piece, room)
            except zlib.error:
                raise _NotDecodableError from None
        if len(self.decoded) > self._cap:
            raise _TooLargeError

    def finish(self) -> None:
        """The compressed body must be whole, else a cut reply could pass for a short one."""
        if self.decoder is not None and not self.decoder.eof:
            raise _NotDecodableError


def _decoder(content_encoding: str) -> zlib._Decompress | None:
    encoding = content_encoding.strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    raise _NotDecodableError


def _name_failure(call: Call, problem: Exception) -> Failure:
    if call.phase is Phase.resolving:
        return Failure.unknown_host
    if call.phase is Phase.connecting:
        return Failure.connect_timeout if call.timed_out else Failure.refused
    if call.phase is Phase.securing:
        return Failure.tls
    if isinstance(problem, _TooLargeError):
        return Failure.too_large
    if isinstance(problem, _NotDecodableError):
        return Failure.bad_http
    if call.is_over():
        return Failure.timeout
    return Failure.bad_http if _is_bad_http(problem) else Failure.connection_lost


def _is_bad_http(problem: BaseException) -> bool:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, http.client.HTTPException) and not isinstance(cause, OSError | http.client.IncompleteRead):
            return True
        cause = cause.__context__
    return False
