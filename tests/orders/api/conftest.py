"""A program in front of the API: a person with a role, a token of theirs, and things to order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from orders.api.authentication import make_token
from orders.models import ApiToken, OpenService
from orders.roles import ROLES
from providers.models import Product, Service
from tests.helpers.makers import make_person, make_product, make_service

URL = "/api/v2"


@dataclass
class Program:
    """Someone's program: calls go through the whole of Django, without a browser's cookies."""

    person: Any
    token: ApiToken
    key: str
    ip: str = "192.0.2.1"

    def post(self, action: str = "", *, key: str | None = None, headers: Any = None, **fields: Any) -> Any:
        """Return one call as a form; the whole response."""
        data = {"key": self.key if key is None else key, "action": action, **fields}
        client = Client(enforce_csrf_checks=True)
        return client.post(URL, data, headers=headers or {}, REMOTE_ADDR=self.ip)

    def call(self, action: str, **fields: Any) -> Any:
        """Return one call as a form; the JSON it answers with, always with HTTP 200."""
        response = self.post(action, **fields)
        assert response.status_code == 200, response.content
        return response.json()


def make_program(role: str = "manager", **settings: Any) -> Program:
    """Return a new person with a role, and a token of theirs."""
    person = make_person(*ROLES[role])
    token, key = make_token(person, "shop", **settings)
    return Program(person, token, key)


def open_service(service: Service | None = None, **fields: Any) -> OpenService:
    """Return a service that programs may order."""
    return OpenService.objects.create(service=service or make_service(), **fields)


def open_product(product: Product | None = None, **fields: Any) -> OpenService:
    """Return a product that programs may order."""
    return OpenService.objects.create(product=product or make_product(), **fields)


@pytest.fixture
def program(db: None) -> Program:
    """Return the program of a manager."""
    return make_program()


@pytest.fixture(autouse=True)
def _tidy_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old calls are forgotten at random, once in a while: here never, so that statements can be counted."""
    monkeypatch.setattr("orders.api.authentication.secrets.randbelow", lambda most: most - 1)
