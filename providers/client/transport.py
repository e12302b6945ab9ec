"""One POST under one deadline: what came back, or how it failed. What either means is the judge's business.

A paid call goes over a fresh connection, so that a kept one the panel has closed is never taken for a lost reply. Reads
keep their connections, each account its own. Both share one SSL context, whose loading is the expensive part. No
redirect is followed, no proxy, cookie or password is taken from anywhere, nothing is repeated but a read whose kept
connection turned out to be closed.

Nothing here raises: failures are returned, so that no traceback leads through a frame that holds the key.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlencode

import certifi
import requests

from providers.client.address import AddressRefused, check_url, may_be_private, origin_of
from providers.client.connection import Call, PinnedAdapter
from providers.client.exchange import Failure, RawReply, TransportFailure, exchange

MAX_BODY: Final = 1_000_000
MAX_CATALOGUE: Final = 64_000_000

_MOST_ADAPTERS: Final = 64
_AROUND: Final = 0.5  # seconds reserved for the work around a call


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds for connecting (and for the TLS handshake), and for a whole call from the name look-up to the last byte.

    The promise is 30 seconds for a paid call and 25 for a read; half a second is reserved for the work around it.
    """

    connect: float = 5.0
    paid: float = 29.5
    read: float = 24.5

    @classmethod
    def within(cls, *, paid: float, read: float) -> Limits:
        """Limits under which a paid call and a read are over after so many seconds in all."""
        return cls(connect=min(cls().connect, paid / 2), paid=paid - _AROUND, read=read - _AROUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way to one account's panel. `keep_as` names whose pooled connections may be used."""

    url: str
    keep_as: str
    user_agent: str
    allow_private: bool = False
    exempt_origin: str = ""


class Transport:
    """Sends requests. Safe to share between threads; `shared_transport` gives each process its one."""

    def __init__(self, *, limits: Limits | None = None, context: ssl.SSLContext | None = None) -> None:
        self.limits = limits or Limits()
        self._context = context
        self._kept: OrderedDict[tuple[str, str, bool], PinnedAdapter] = OrderedDict()
        self._lock = threading.Lock()
        self._process = os.getpid()

    def post(
        self, route: Route, parameters: Mapping[str, str], *, paid: bool, max_body: int = MAX_BODY
    ) -> RawReply | TransportFailure:
        """POST the parameters as a form. `paid` takes a fresh connection and the paid deadline."""
        try:
            check_url(route.url, allow_private=route.allow_private, exempt_origin=route.exempt_origin)
            request = _prepare(route, parameters, paid=paid, compressed=max_body > MAX_BODY)
        except (AddressRefused, ValueError, requests.RequestException) as problem:
            sentence = problem.sentence if isinstance(problem, AddressRefused) else ""
            return TransportFailure(Failure.address, sentence=sentence)
        started = time.monotonic()
        ends = started + (self.limits.paid if paid else self.limits.read)
        call = self._begin(route, ends)
        adapter = self._fresh() if paid else self._keep(route, allow_private=call.allow_private)
        try:
            outcome = exchange(adapter, request, call, started, max_body)
        finally:
            if paid:
                adapter.close()
        if paid or not _was_stale(outcome, call):
            return outcome
        adapter = self._fresh()
        try:
            return exchange(adapter, request, self._begin(route, ends), started, max_body)
        finally:
            adapter.close()

    def get(self, route: Route, *, max_body: int = MAX_BODY) -> RawReply | TransportFailure:
        """GET a public document over a fresh connection, under the same rules and the deadline of a read."""
        try:
            check_url(route.url, allow_private=route.allow_private, exempt_origin=route.exempt_origin)
            headers = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": route.user_agent}
            request = requests.Request("GET", route.url, headers=headers).prepare()
        except (AddressRefused, ValueError, requests.RequestException) as problem:
            sentence = problem.sentence if isinstance(problem, AddressRefused) else ""
            return TransportFailure(Failure.address, sentence=sentence)
        started = time.monotonic()
        adapter = self._fresh()
        try:
            return exchange(adapter, request, self._begin(route, started + self.limits.read), started, max_body)
        finally:
            adapter.close()

    def close(self) -> None:
        """Close all pooled connections."""
        with self._lock:
            kept, self._kept = self._kept, OrderedDict()
        for adapter in kept.values():
            adapter.close()

    def _begin(self, route: Route, ends: float) -> Call:
        private = may_be_private(route.url, allow_private=route.allow_private, exempt_origin=route.exempt_origin)
        return Call(ends=ends, connect_seconds=self.limits.connect, allow_private=private)

    def _fresh(self) -> PinnedAdapter:
        return PinnedAdapter(context=self._context or shared_context())

    def _keep(self, route: Route, *, allow_private: bool) -> PinnedAdapter:
        # A connection made while private addresses were allowed must not serve when they no longer are.
        name = (route.keep_as, origin_of(route.url), allow_private)
        dropped: PinnedAdapter | None = None
        with self._lock:
            if self._process != os.getpid():
                # A forked child must not share its parent's sockets; it may not shut them either.
                self._kept, self._process = OrderedDict(), os.getpid()
            adapter = self._kept.pop(name, None) or PinnedAdapter(
                context=self._context or shared_context(), connections=8
            )
            self._kept[name] = adapter
            if len(self._kept) > _MOST_ADAPTERS:
                _, dropped = self._kept.popitem(last=False)
        if dropped is not None:
            dropped.close()
        return adapter


@cache
def shared_context() -> ssl.SSLContext:
    """The process's one SSL context: verifies, TLS 1.2 and later. Making one costs more than ten connections."""
    return ssl.create_default_context(cafile=certifi.where())


_limits = Limits()


def keep_within(limits: Limits) -> None:
    """Let the process's one transport keep to other limits than the usual ones."""
    global _limits
    _limits = limits
    shared_transport.cache_clear()


@cache
def shared_transport() -> Transport:
    """The process's one transport."""
    return Transport(limits=_limits)


def _prepare(route: Route, parameters: Mapping[str, str], *, paid: bool, compressed: bool) -> requests.PreparedRequest:
    return requests.Request(
        "POST",
        route.url,
        headers={
            "Accept": "application/json",
            # Only catalogues are worth the risk of a compressed body.
            "Accept-Encoding": "gzip" if compressed else "identity",
            "Connection": "close" if paid else "keep-alive",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": route.user_agent,
        },
        data=urlencode(parameters).encode("ascii"),
    ).prepare()


def _was_stale(outcome: RawReply | TransportFailure, call: Call) -> bool:
    """Return whether a pooled connection had been closed by the far side, so that this read was surely not answered."""
    lost = isinstance(outcome, TransportFailure) and outcome.failure is Failure.connection_lost
    return lost and call.reused and call.received == 0 and not call.is_over()
