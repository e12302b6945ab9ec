"""An account that is added while a page is being made: the page is made without it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from orders.roles import ROLES
from providers import permissions
from providers.models import Service, ServiceChange
from tests.helpers.makers import make_person, make_product, make_provider, make_service
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[Service]:
    """Return what an account brings along that is added as soon as a page has read which accounts there are."""
    made: list[Service] = []

    def after(load: Any) -> Any:
        def wrapped(user: Any) -> Any:
            known = load(user)
            if not made:
                provider = make_provider(name="Added", currency="EUR")
                held = {"hold_reason": "price_jump", "accepted_rate": Decimal(1), "rate": Decimal(3)}
                made.extend([make_service(provider), make_service(provider, **held)])
                make_product(provider)
                ServiceChange.objects.create(service=made[0], provider=provider, kind="rate", before="1", after="2")
            return known

        return wrapped

    for name in ("_load", "_load_with_prices"):
        monkeypatch.setattr(permissions, name, after(getattr(permissions, name)))
    return made


@pytest.mark.parametrize(
    "address",
    [
        *("providers:services", "providers:changes", "providers:held", "orders:create", "orders:products"),
        *("orders:list", "api:shelf", "api:products"),
    ],
)
@pytest.mark.parametrize("query", ["", "?sort=name"])
def test_lists_are_shown_without_it_and_the_next_time_with_it(added: list[Service], address: str, query: str) -> None:
    make_service(make_provider(name="Known", currency="EUR"))
    browser = log_in(make_person(*ROLES["manager"]))

    assert browser.get(reverse(address) + query).status_code == 200
    assert added
    assert browser.get(reverse(address) + query).status_code == 200


def test_a_service_of_it_is_not_there_yet(added: list[Service], monkeypatch: pytest.MonkeyPatch) -> None:
    browser = log_in(make_person(*ROLES["manager"]))
    browser.get(reverse("providers:services"))
    (service, *_others) = added
    address = reverse("providers:service", args=[service.pk])
    monkeypatch.setattr(permissions, "_visible_from", lambda user, rows: permissions.VisibleProviders({}, False))

    assert browser.get(address).status_code == 404
