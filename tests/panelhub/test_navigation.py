"""The side of every page: what exists and may be opened."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from orders.roles import ROLES
from panelhub.navigation import GROUPS, all_entries, grouped, links_for, resolve
from tests.helpers.makers import make_order, make_person

pytestmark = pytest.mark.django_db


def keys_for(user: Any) -> list[str]:
    request = RequestFactory().get("/")
    request.user = user
    return [link.key for link in links_for(request)]


def test_what_a_role_may_not_do_is_not_shown() -> None:
    viewer, staff = make_person(*ROLES["viewer"]), make_person(*ROLES["staff"])

    assert keys_for(make_person()) == ["handbook"]
    assert "orders" in keys_for(viewer)
    assert "jobs" not in keys_for(viewer)
    assert "admin" not in keys_for(staff)
    assert "admin" in keys_for(make_person(is_staff=True))


def test_a_page_that_is_not_there_is_no_entry() -> None:
    assert resolve("nobody:builtthis") == ""
    assert len({entry.key for entry in all_entries()}) == len(all_entries())


def test_the_open_page_is_marked() -> None:
    client = Client()
    client.force_login(make_person(*ROLES["viewer"]), backend="panelhub.security.backends.RoleBackend")

    page = client.get(reverse("providers:services")).content.decode()

    assert f'<a href="{reverse("providers:services")}" aria-current="page">' in page
    side = page[page.index('<nav class="nav"') :]
    assert side[: side.index("</nav>")].count('aria-current="page"') == 1
    assert "New order" not in page


def test_entries_stand_in_four_groups_and_a_group_without_entries_is_left_out() -> None:
    request = RequestFactory().get("/")
    request.user = make_person(is_superuser=True, is_staff=True)
    every = links_for(request)
    request.user = make_person("orders.view_order", "orders.view_ledgerentry")
    few = links_for(request)

    assert [group.slug for group in grouped(every, ("",) * len(every))] == list(GROUPS)
    assert [group.slug for group in grouped(few, ("",) * len(few))] == ["work", "money", "system"]
    assert {entry.group for entry in all_entries()} <= set(GROUPS)


def test_what_waits_is_counted_beside_its_entry() -> None:
    client = Client()
    client.force_login(make_person(*ROLES["manager"]), backend="panelhub.security.backends.RoleBackend")

    assert "waiting" not in client.get(reverse("providers:services")).content.decode()
    make_order(status="unconfirmed")
    page = client.get(reverse("providers:services")).content.decode()

    entry = page[page.index('data-jump="unconfirmed"') :]
    assert '<span class="count alert">' in entry[: entry.index("</a>")]
