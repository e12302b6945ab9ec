"""A panel that answers what a test lays down, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from orders.models import Order
from providers.models import Provider
from tests.helpers.makers import make_order

KEY = "canary-4f1d8c2e9b7a-key"
Answer = Callable[[Mapping[str, str]], Any] | Any


class PlainPanel:
    """Answers by action: a value is sent as JSON, a ``Response`` as it is, a function is asked with the parameters."""

    def __init__(self, server: HTTPServer) -> None:
        self.answers: dict[str, Answer] = {"balance": {"balance": "100.50", "currency": "USD"}, "services": []}
        self.calls: list[dict[str, str]] = []
        self.url = server.url_for("/api/v2")
        server.expect_request("/api/v2", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        parameters = dict(request.form.items())
        self.calls.append(parameters)
        if parameters.get("key") != KEY:
            return _json({"error": "Invalid API key"})
        answer = self.answers.get(parameters.get("action", ""), {"error": "Incorrect request"})
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(parameters)
        return answer if isinstance(answer, Response) else _json(answer)

    def actions(self) -> list[str]:
        """Return the actions asked for so far."""
        return [call.get("action", "") for call in self.calls]

    def make_provider(self, **fields: Any) -> Provider:
        """Return an account at this panel, with a rate no test waits for."""
        plain = {"name": "plain", "dialect": "standard", "api_url": self.url, "api_key": KEY}
        return Provider.objects.create(**(plain | {"requests_per_minute": 60_000} | fields))


def _json(value: Any) -> Response:
    return Response(json.dumps(value), content_type="application/json")


def service(number: Any, **fields: Any) -> dict[str, Any]:
    """Return one row of a service list, as the documents print it."""
    return {
        "service": number,
        "name": f"Instagram Likes {number}",
        "type": "Default",
        "category": "Instagram",
        "rate": "0.90",
        "min": "50",
        "max": "10000",
        "refill": True,
        "cancel": False,
    } | fields


def services(count: int, **fields: Any) -> list[dict[str, Any]]:
    """Return a list of ``count`` services with the ids from 1 on."""
    return [service(number, **fields) for number in range(1, count + 1)]


def place_order(provider: Provider, external_id: str = "4711") -> Order:
    """Return an order that this account has placed."""
    return make_order(provider=provider, quantity=100, status="pending", external_id=external_id)
