"""People, rules and rates in admin: comfortable where they belong, and refused in sentences."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from orders.models import ExchangeRate, HubRules, Order, Person
from orders.roles import ensure_roles
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
)
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client() -> Client:
    """Admin, opened by someone with the role `administrator`."""
    ensure_roles()
    person = make_person(is_staff=True)
    person.groups.add(Group.objects.get(name="administrator"))
    return log_in(person)


def change(admin_client: Client, person: User, **fields: Any) -> Any:
    """Post the page of a person, with what is typed about their orders."""
    row = Person.objects.filter(user=person).first()
    typed = {
        "username": person.username,
        "date_joined_0": "2026-01-01",
        "date_joined_1": "10:00:00",
        "is_active": "on",
        "groups": [str(pk) for pk in person.groups.values_list("pk", flat=True)],
        "person-TOTAL_FORMS": "1",
        "person-INITIAL_FORMS": "1" if row else "0",
        "person-0-id": str(row.pk) if row else "",
        "person-0-user": str(person.pk),
        **{f"person-0-{name}": value for name, value in fields.items()},
    }
    return admin_client.post(reverse("admin:auth_user_change", args=[person.pk]), typed)


def test_what_someone_sees_and_spends_stands_on_their_own_page(admin_client: Client) -> None:
    ensure_roles()
    someone, provider = make_person(), make_provider()
    someone.groups.add(Group.objects.get(name="staff"))

    page = admin_client.get(reverse("admin:auth_user_change", args=[someone.pk])).content.decode()
    assert "what this person sees and spends" in page.casefold()
    response = change(admin_client, someone, daily_limit="25", second_person_above="", providers=[str(provider.pk)])

    assert response.status_code == 302
    person = Person.objects.get(user=someone)
    assert (person.daily_limit, person.second_person_above) == (Decimal(25), None)
    assert list(person.providers.all()) == [provider]
    assert change(admin_client, someone, daily_limit="30").status_code == 302
    assert Person.objects.get(user=someone).daily_limit == 30


def test_a_person_without_wishes_gets_no_row(admin_client: Client) -> None:
    someone = make_person(sees_all=False)

    assert change(admin_client, someone, all_clients="on").status_code == 302
    assert not Person.objects.filter(user=someone).exists()


def test_a_negative_amount_is_refused_in_a_sentence(admin_client: Client) -> None:
    someone = make_person(sees_all=False)
    response = change(admin_client, someone, daily_limit="-1")

    assert "The amount can’t be negative. Leave it empty for no limit" in response.content.decode()
    assert not Person.objects.filter(user=someone).exists()


def test_the_list_says_what_each_sees_and_has_reserved(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    provider = make_provider(name="Instabest")
    bound = make_person()
    for _number in range(9):
        make_person()
    admin_client.get(reverse("admin:orders_person_changelist"))
    grant(bound, provider)
    Order.objects.create(provider=provider, created_by=bound, reserved=Decimal("2.5"))

    with django_assert_max_num_queries(9):
        page = admin_client.get(reverse("admin:orders_person_changelist")).content.decode()

    assert "all providers" in page
    assert "Instabest" in page
    assert "2.50" in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"currency": "dollars"}, "Enter the currency code in capital letters, such as USD or TRY"),
        ({"second_person_above": "-3"}, "The amount can’t be negative. Leave it empty for no limit"),
        ({"undo_seconds": "301"}, "At most 300 seconds"),
    ],
)
def test_rules_that_make_no_sense_are_refused_in_sentences(
    admin_client: Client, typed: dict[str, str], sentence: str
) -> None:
    plain = {"currency": "USD", "second_person_above": "", "undo_seconds": "0"}

    response = admin_client.post(reverse("admin:orders_hubrules_add"), plain | typed)

    assert sentence in response.content.decode()
    assert not HubRules.objects.exists()


def test_rules_are_kept_and_take_effect(admin_client: Client) -> None:
    typed = {"currency": " try ", "second_person_above": "100", "undo_seconds": "8"}

    assert admin_client.post(reverse("admin:orders_hubrules_add"), typed).status_code == 302

    rules = HubRules.load()
    assert (rules.currency, rules.second_person_above, rules.undo_seconds) == ("TRY", Decimal(100), 8)
    assert admin_client.get(reverse("admin:orders_hubrules_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"currency": "USD"}, "is the hub’s own currency and needs no rate"),
        ({"currency": "₺"}, "Enter the currency code in capital letters, such as USD or TRY"),
        ({"rate": "0"}, "The rate must be above zero"),
    ],
)
def test_rates_that_make_no_sense_are_refused_in_sentences(
    admin_client: Client, typed: dict[str, str], sentence: str
) -> None:
    plain = {"currency": "TRY", "day": "2026-11-21", "rate": "0.024", "source": ""}

    response = admin_client.post(reverse("admin:orders_exchangerate_add"), plain | typed)

    assert sentence in response.content.decode().replace("&#x27;", "'")
    assert not ExchangeRate.objects.exists()


def test_a_rate_is_kept(admin_client: Client) -> None:
    typed = {"currency": "try", "day": "2026-11-21", "rate": "0.024", "source": "bank"}

    assert admin_client.post(reverse("admin:orders_exchangerate_add"), typed).status_code == 302
    assert ExchangeRate.objects.get().currency == "TRY"
