"""People who may do everything but see costs meet no price: no page, form, list, export or answer shows one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from orders.models import Order, Person, ProductOrder
from providers.models import Product, Provider, Service, ServiceChange
from tests.security.matrix import ADMIN, PAGES
from tests.security.world import World, body_of, fill, undone

pytestmark = [pytest.mark.django_db, pytest.mark.alike]

RATE: Final = Decimal("13.3713")
NEW_RATE: Final = Decimal("29.7337")
BALANCE: Final = Decimal("7713.77")
CHARGE: Final = Decimal("1.3779")
PRICE_OF_PRODUCT: Final = Decimal("53.5373")
# As they may be written: whole, rounded, with the point of another language.
FIGURES: Final = (
    *("13.37", "13,37", "29.73", "29,73", "7713", "7,713", "7 713", "1.3779", "1.38", "53.53", "53.54", "1.337"),
    "107.07",
)


def price_everything(world: World) -> None:
    """Give the rows of the world figures that are found wherever they show."""
    Provider.objects.update(balance=BALANCE, low_balance=BALANCE + 1)
    Service.objects.update(rate=RATE, accepted_rate=RATE)
    Product.objects.update(rate=PRICE_OF_PRODUCT)
    Order.objects.update(charge=CHARGE, expected_charge=CHARGE, rate=RATE, reserved=CHARGE, currency="USD")
    ProductOrder.objects.update(charge=CHARGE, expected_charge=CHARGE, reserved=CHARGE, currency="USD")
    service = world.rows["service"]
    ServiceChange.objects.create(
        provider=world.rows["provider"],
        service=service,
        kind=ServiceChange.Kind.RATE,
        before=str(RATE),
        after=str(NEW_RATE),
    )


def make_blind(world: World, name: str = "blind") -> User:
    """Return someone with every permission there is but that of seeing costs."""
    person = User.objects.create(username=name, is_staff=True)
    person.user_permissions.set(Permission.objects.exclude(codename="view_cost"))
    Person.objects.create(user=person, all_providers=True, no_limit=True)
    return person


def open_browser(person: User) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(person, backend="panelhub.security.backends.RoleBackend")
    return browser


@pytest.fixture
def world() -> World:
    made = fill()
    price_everything(made)
    return made


@pytest.fixture
def blind(world: World) -> User:
    return make_blind(world)


@pytest.fixture
def blind_client(blind: User) -> Client:
    return open_browser(blind)


def found_in(answer: Any) -> list[str]:
    text = body_of(answer).decode(errors="replace")
    return [figure for figure in FIGURES if figure in text]


def test_no_page_shows_a_price(world: World, blind_client: Client) -> None:
    shown = {}
    for name, rule in sorted(PAGES.items()):
        kwargs = dict(rule.kwargs)
        if rule.row:
            kwargs["pk"] = world.pk_of(rule.row, "superuser")
        for method in ("get", "post"):
            if not getattr(rule, method) or name == "logout":
                continue
            with undone():
                data = {field: world.rows[word].pk if word in world.rows else word for field, word in rule.data.items()}
                answer = getattr(blind_client, method)(reverse(name, kwargs=kwargs), data, follow=True)
                if figures := found_in(answer):
                    shown[f"{method} {name}"] = figures
    assert not shown


def test_no_page_of_admin_shows_a_price(world: World, blind_client: Client) -> None:
    shown = {}
    for table, rule in sorted(ADMIN.items()):
        addresses = [reverse(f"admin:{table}_changelist")]
        model = table.partition("_")[2]
        row = world.rows.get(rule.row) or world.rows.get(f"{rule.row}:superuser") or world.rows.get(model)
        if row is not None:
            addresses.append(reverse(f"admin:{table}_change", args=[row.pk]))
        for address in addresses:
            if figures := found_in(blind_client.get(address)):
                shown[address] = figures
    assert not shown
