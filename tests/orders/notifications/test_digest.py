"""The daily digest: once a day, of the providers a person sees, with amounts for those who see costs."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.models import DailyTotal, Delivery, Notice, RefillWindow
from orders.notifications.digest import find_digests
from orders.notifications.services import watch
from orders.notifications.types import BY_SLUG
from tests.helpers.makers import grant, make_completed_order, make_order, make_person, make_provider
from tests.helpers.schedules import make_schedule

pytestmark = pytest.mark.django_db

KIND = BY_SLUG["digest"]
NOON = timezone.now().replace(hour=12, minute=0)
SEES = "orders.view_order"


def said_to(person: Any, *, now: Any = NOON) -> str:
    for finding in find_digests(now):
        if finding.params["reader"] == person.pk:
            return KIND.describe(finding.params, sees_cost=person.has_perm("orders.view_cost"))
    return ""


def test_nothing_is_said_when_nothing_waits() -> None:
    make_person(SEES)

    assert list(find_digests(NOON)) == []


def test_what_waits_and_ends_is_counted() -> None:
    person = make_person(SEES)
    make_order(status="held")
    make_order(status="unconfirmed")
    order = make_completed_order(finished_at=NOON)
    RefillWindow.objects.create(order=order, days=1, counted_from=NOON, ends_at=NOON + timedelta(days=1))
    make_schedule(next_at=NOON + timedelta(hours=1))

    assert said_to(person) == (
        "Today: held 1, unconfirmed 1, slow 0, refills ending 1, scheduled 1, tickets without an answer 0."
    )


def test_only_what_a_person_sees_is_counted_and_spending_is_for_those_who_see_costs() -> None:
    mine, other = make_provider(), make_provider()
    for provider in (mine, other):
        make_order(provider=provider, status="held")
        DailyTotal.objects.create(
            day=timezone.localdate(NOON) - timedelta(days=1), provider=provider, status="completed", charge=Decimal(5)
        )
    limited, boss = make_person(SEES, sees_all=False), make_person(SEES, "orders.view_cost")
    grant(limited, mine)

    assert "held 1" in said_to(limited)
    assert "Spent" not in said_to(limited)
    assert "Spent yesterday: 10.00 USD." in said_to(boss)
    assert all(finding.params["spent"] == "–" for finding in find_digests(NOON) if finding.params["reader"] != boss.pk)


def test_it_is_sent_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_person(SEES)
    order = make_order(status="held")
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    assert watch([KIND])["raised"] == 1
    order.delete()

    assert watch([KIND]) == {}
    assert Delivery.objects.filter(person=person).count() == 1
    monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(days=1))
    make_order(status="held")
    make_order(status="held")
    assert watch([KIND]) == {"raised": 1, "ended": 1}
    assert Notice.objects.get(ended_at=None).params["held"] == 2
