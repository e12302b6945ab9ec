"""The page of the audit record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.roles import ROLES
from panelhub.audit.contexts import known_actions
from panelhub.audit.services import record
from panelhub.models import AuditEvent
from tests.helpers.makers import make_person, make_provider

pytestmark = pytest.mark.django_db
AUDIT = reverse("audit")
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def administrator(db: None) -> User:
    return make_person(*ROLES["administrator"])


@pytest.fixture
def reader(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator, backend="panelhub.security.backends.RoleBackend")
    return client


def read(client: Client, query: str = "", **headers: str) -> str:
    answer = client.get(f"{AUDIT}{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def add(summary: str, *, days_ago: float = 0, **fields: Any) -> AuditEvent:
    plain = {"action": "order.settled", "actor_name": "kim", "at": timezone.now() - timedelta(days=days_ago)}
    return AuditEvent.objects.create(summary=summary, **(plain | fields))


def test_an_event_is_shown_with_all_that_is_known(reader: Client, administrator: User) -> None:
    provider = make_provider()
    record(administrator, "provider.changed", provider, f"low balance {HOSTILE}", low_balance=["1", f"2 {HOSTILE}"])

    page = read(reader)

    for shown in (administrator.username, "provider.changed", f"providers.provider {provider.pk}", "low_balance"):
        assert shown in page
    assert HOSTILE not in page


def test_events_are_found_by_person_action_thing_and_day(reader: Client, administrator: User) -> None:
    today = timezone.localdate()
    add("last month", days_ago=31)
    add("by a person", actor=administrator)
    add("by the hub", actor_name="")
    add("an export", action="order.exported")
    add("one order", target_type="orders.order", target_id="12")
    add("another order", target_type="orders.order", target_id="13")
    every = ("by a person", "by the hub", "an export", "one order", "another order", "last month")
    asked = {
        f"?person={administrator.pk}": {"by a person"},
        "?person=hub": set(every) - {"by a person"},
        "?action=order.exported": {"an export"},
        "?about=orders.order+12": {"one order"},
        "?about=orders.order": {"one order", "another order"},
        f"?until={today - timedelta(days=20)}": {"last month"},
        f"?since={today - timedelta(days=20)}": set(every) - {"last month"},
        f"?since={today - timedelta(days=40)}&until={today - timedelta(days=20)}": {"last month"},
        f"?since={today + timedelta(days=3)}": set(),
        f"?until={today - timedelta(days=300)}": set(),
        "?until=9999-12-31": set(every),
        "?since=nonsense&action=nonsense&person=99999999&after=nonsense": set(every),
    }

    for query, expected in asked.items():
        page = read(reader, query)
        assert {words for words in every if words in page} == expected, query


def test_pages_follow_each_other(reader: Client) -> None:
    events = [add(f"event {number:03}") for number in range(60)]

    first, second = read(reader), read(reader, f"?after={events[10].pk}")

    assert "event 059" in first
    assert "event 009" not in first
    assert 'rel="next"' in first
    assert "event 009" in second
    assert "event 010" not in second


def test_a_filter_brings_the_table_alone(reader: Client) -> None:
    add("something")
    assert "<html" not in read(reader, "?person=hub", **{"HX-Request": "true"})


def test_actions_are_found_one_by_one(reader: Client) -> None:
    assert known_actions() == []
    for action in ("b.two", "a.one", "b.two", "c.three", "a.one"):
        add("x", action=action)
    assert known_actions() == ["a.one", "b.two", "c.three"]


def test_it_costs_the_same_however_long_the_record_is(reader: Client, django_assert_max_num_queries: Any) -> None:
    AuditEvent.objects.bulk_create(AuditEvent(action=f"a.{number % 20}", summary="x") for number in range(500))
    read(reader)
    with django_assert_max_num_queries(9):
        read(reader, "?person=hub&action=a.3&since=2020-01-01")


def test_it_is_for_those_who_may_see_it_and_stands_in_the_navigation(reader: Client) -> None:
    manager = Client()
    manager.force_login(make_person(*ROLES["manager"]), backend="panelhub.security.backends.RoleBackend")

    assert manager.get(AUDIT).status_code == 403
    assert Client().get(AUDIT).status_code == 302
    assert reader.post(AUDIT).status_code == 405
    assert f'href="{AUDIT}"' in read(reader)
