"""A buyer's side of the wire for these tests: plain `requests`, nothing of the project's client."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from providers.sandbox import Panel, Sandbox
from providers.sandbox.records import Order, Service

LINK = "https://instagram.com/p/example"


class Buyer:
    """Calls one panel of a running sandbox with the right key."""

    def __init__(self, box: Sandbox, slug: str) -> None:
        self.box = box
        self.slug = slug
        self.url = box.url(slug)
        self.panel: Panel = box.panel(slug)

    def post(self, action: str, **params: object) -> requests.Response:
        """The response to one call, redirects not followed."""
        form = {"key": self.box.key(self.slug), "action": action, **params}
        return requests.post(self.url, data=form, timeout=10, allow_redirects=False)

    def ask(self, action: str, **params: object) -> Any:
        """The JSON value of an answer that came with 200."""
        response = self.post(action, **params)
        assert response.status_code == 200
        return response.json()

    def service(self, kind: str = "Default", *, refill: bool | None = None, cancel: bool | None = None) -> Service:
        """The first service of a type, with or without the flags where that matters."""
        return next(
            service
            for service in self.panel.services.values()
            if service.type == kind and refill in {None, service.refill} and cancel in {None, service.cancel}
        )

    def buy(self, service: Service | None = None, *, quantity: int = 100, **params: object) -> Order:
        """An accepted order of a quantity."""
        chosen = service or self.service()
        reply = self.ask("add", service=chosen.id, **{"link": LINK, "quantity": quantity, **params})
        return self.panel.orders[reply["order"]]

    def buy_completed(self, service: Service | None = None, *, quantity: int = 100) -> Order:
        """An order that has run its course."""
        order = self.buy(service, quantity=quantity)
        self.panel.advance(100_000)
        return order


def talk(url: str, form: dict[str, object], *, keep: socket.socket | None = None) -> bytes:
    """Everything a server sends to one POST until it closes; raises ConnectionResetError where it resets."""
    parts = urlsplit(url)
    body = urlencode(form).encode()
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
        return received
