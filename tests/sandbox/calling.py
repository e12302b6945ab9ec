"""A buyer's side of the wire for these tests: plain `requests`, nothing of the project's client."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from providers.sandbox import Panel, Sandbox
from providers.sandbox.books.records import Order, Service

LINK = "https://instagram.com/p/example"


class Buyer:
    """Calls one panel of a running sandbox with the right key."""

    def __init__(self, box: Sandbox, slug: str) -> None:
        self.box = box
        self.slug = slug
        self.url = box.url(slug)
        self.panel: Panel = box.panel(slug)

    def post(self, action: str, **params: object) -> requests.Response:
        """Return the response to one call, redirects not followed."""
        form = {"key": self.box.key(self.slug), "action": action, **params}
        return requests.post(self.url, data=form, timeout=10, allow_redirects=False)

    def ask(self, action: str, **params: object) -> Any:
        """Return the JSON value of an answer that came with 200."""
        response = self.post(action, **params)
        assert response.status_code == 200
        return response.json()

    def service(self, kind: str = "Default", *, refill: bool | None = None, cancel: bool | None = None) -> Service:
        """Return the first service of a type, with or without the flags where that matters."""
        return next(
            service
            for service in self.panel.services.values()
            if service.type == kind and refill in {None, service.refill} and cancel in {None, service.cancel}
        )

    def buy(self, service: Service | None = None, *, quantity: int = 100, **params: object) -> Order:
        """Return an accepted order of a quantity."""
        chosen = service or self.service()
        reply = self.ask("add", service=chosen.id, **{"link": LINK, "quantity": quantity, **params})
        return self.panel.orders[reply["order"]]

    def buy_completed(self, service: Service | None = None, *, quantity: int = 100) -> Order:
        """Return an order that has run its course."""
        order = self.buy(service, quantity=quantity)
        self.panel.advance(100_000)
        return order


@dataclass(frozen=True)
class Heard:
    """What came over the wire until the other side ended it; `was_reset` is how it ended."""

    data: bytes
    was_reset: bool = False

    @property
    def status(self) -> int:
        """The status code; zero when nothing was said."""
        return int(self.data.split(b" ", 2)[1]) if self.data else 0

    @property
    def head(self) -> str:
        """The status line and the headers."""
        return self.data.partition(b"\r\n\r\n")[0].decode()

    @property
    def body(self) -> bytes:
        """What came after the headers, as it came."""
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def said_length(self) -> int:
        """The length that the headers promise."""
        line = next(line for line in self.head.splitlines() if line.startswith("Content-Length: "))
        return int(line.partition(": ")[2])


def talk(url: str, form: Mapping[str, object], *, most: int = 10_000_000) -> Heard:
    """Post a form over a bare socket and listen until the end, or until `most` bytes have come."""
    parts = urlsplit(url)
    body = urlencode(form).encode()
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    received = b""
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        try:
            while len(received) < most and (chunk := connection.recv(65_536)):
                received += chunk
        except ConnectionResetError:
            return Heard(received, was_reset=True)
    return Heard(received)
