"""Parameters of admin that no one types: a bad request, never an error, and the page itself still works."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    browser = Client()
    person = User.objects.create_superuser("root")
    browser.force_login(person, backend="panelhub.security.backends.RoleBackend")
    return browser


@pytest.mark.parametrize("query", ["_to_field=", "_to_field=&_popup=1", "_to_field=nothing"])
def test_a_field_without_a_name_is_a_bad_request(root: Client, query: str) -> None:
    page = f"/admin/auth/group/{Group.objects.create(name='one').pk}/change/"

    assert root.get(page).status_code == 200
    assert root.get(f"{page}?{query}").status_code == 400


@pytest.mark.parametrize("value", ["NaN", "one", "1e400", "9" * 5_000])
def test_a_key_that_is_no_number_is_a_bad_request(root: Client, value: str) -> None:
    person = User.objects.create(username="chosen")

    assert root.get(f"/admin/orders/person/add/?user={person.pk}").status_code == 200
    assert root.get(f"/admin/orders/person/add/?user={value}").status_code == 400
