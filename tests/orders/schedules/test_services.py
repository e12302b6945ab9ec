"""Setting schedules up, and each step that people take with them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.models import Order, Schedule
from orders.placement.form_tokens import TokenReused
from orders.placement.validation import OrderInvalid
from orders.schedules import services
from orders.schedules.services import NotNow, Timing, create_schedule
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import make_person, make_service
from tests.helpers.schedules import BUYER, beat, make_schedule, outcomes

pytestmark = pytest.mark.django_db

FIRST = datetime(2027, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
DAILY = Timing("daily", "Europe/Berlin", date(2027, 3, 1), time(9))
FIELDS = {"link": "https://a.example/p/1", "quantity": "500"}


@pytest.fixture
def service() -> Service:
    return make_service()


def create(service: Service, **changes: Any) -> Schedule:
    user = changes.pop("user", None) or make_person(*BUYER)
    plain: dict[str, Any] = {"user": user, "service": service, "fields": FIELDS, "timing": DAILY}
    return create_schedule(**(plain | changes))


def at(schedule: Schedule, moment: datetime, monkeypatch: pytest.MonkeyPatch) -> Schedule:
    monkeypatch.setattr(timezone, "now", lambda: moment)
    schedule.refresh_from_db()
    return schedule


def test_a_schedule_keeps_what_was_typed_and_when(service: Service) -> None:
    schedule = create(service, note=" for May ", client_label="Nora")

    assert schedule.fields == FIELDS
    assert (schedule.rate, schedule.next_at, schedule.status) == (service.rate, FIRST, "active")
    assert (schedule.note, schedule.client_label) == ("for May", "Nora")
    assert AuditEvent.objects.filter(action="schedule.created").exists()


def test_the_same_form_makes_one_schedule(service: Service) -> None:
    user, token = make_person(*BUYER), uuid.uuid4()
    made = create(service, user=user, form_token=token)

    assert create(service, user=user, form_token=token) == made
    with pytest.raises(TokenReused):
        create(service, user=user, form_token=token, timing=replace(DAILY, start_time=time(10)))
    assert create(service, form_token=token) != made


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fields": {**FIELDS, "quantity": "1"}}, "minimum"),
        ({"timing": replace(DAILY, start_date=date(2020, 1, 1))}, "has passed"),
        ({"timing": replace(DAILY, until=date(2026, 1, 1))}, "ends before it starts"),
    ],
)
def test_what_cannot_be_ordered_is_not_scheduled(service: Service, changes: Any, words: str) -> None:
    with pytest.raises(OrderInvalid, match=words):
        create(service, **changes)
    assert not Schedule.objects.exists()


def test_who_may_not_order_yet_schedules_nothing(service: Service) -> None:
    with pytest.raises(OrderInvalid, match="spending limit"):
        create(service, user=make_person(*BUYER, limit_set=False))


def test_a_skipped_time_is_left_out(service: Service) -> None:
    schedule = make_schedule(service=service)
    services.skip(schedule, 0, by=schedule.person)

    beat(FIRST)
    beat(FIRST + DAY)

    assert outcomes(schedule) == [("2027-03-01", "skipped"), ("2027-03-02", "made")]
    with pytest.raises(NotNow, match="has passed"):
        services.skip(schedule, 0, by=schedule.person)


def test_skipping_a_day_of_a_spread_plan_keeps_its_total(service: Service) -> None:
    schedule = make_schedule(service=service, repeat="spread", count=2)
    services.skip(schedule, 0, by=schedule.person)
    for number in range(5):
        beat(FIRST + number * DAY)

    assert Order.objects.count() == 2


def test_skipping_the_only_time_ends_it(service: Service) -> None:
    schedule = make_schedule(service=service, repeat="once")

    services.skip(schedule, 0, by=schedule.person)

    schedule.refresh_from_db()
    assert (schedule.status, schedule.next_at) == ("ended", None)


def test_what_passed_during_a_pause_is_skipped(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = make_schedule(service=service)
    services.pause(schedule, by=schedule.person)
    assert beat(FIRST + DAY) == {}

    services.resume(at(schedule, FIRST + DAY, monkeypatch), by=schedule.person)
    beat(FIRST + 2 * DAY)

    assert outcomes(schedule) == [("2027-03-01", "skipped"), ("2027-03-02", "skipped"), ("2027-03-03", "made")]


def test_a_person_can_order_the_newest_missed_time_all_the_same(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = make_schedule(service=service, status="held", reason="over the limit")
    late = FIRST + DAY + timedelta(hours=20)

    services.resume(at(schedule, late, monkeypatch), by=schedule.person, order_missed=True)
    beat(late + timedelta(seconds=10))

    assert outcomes(schedule) == [("2027-03-01", "missed"), ("2027-03-02", "made")]


def test_whoever_resumes_accepts_the_price_and_orders_from_then_on(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule, boss = make_schedule(service=service), make_person(*BUYER)
    service.rate = Decimal(2)
    service.save()
    beat(FIRST)
    schedule.refresh_from_db()
    assert schedule.status == "held"

    services.resume(at(schedule, FIRST, monkeypatch), by=boss, order_missed=True)
    beat(FIRST)

    order = Order.objects.get()
    assert (order.created_by, order.rate) == (boss, Decimal(2))


def test_an_ended_one_makes_nothing_and_cannot_be_resumed(service: Service) -> None:
    schedule = make_schedule(service=service)
    services.end(schedule, by=schedule.person)

    assert beat(FIRST) == {}
    for step in (services.pause, services.resume, services.end):
        with pytest.raises(NotNow, match="has changed"):
            step(schedule, by=schedule.person)


def test_a_restore_holds_every_schedule(service: Service) -> None:
    held = [make_schedule(service=service), make_schedule(service=service, status="paused")]
    ended = make_schedule(service=service, status="ended", next_at=None)

    call_command("hold_restored", stdout=StringIO())

    for schedule in (*held, ended):
        schedule.refresh_from_db()
    assert [one.status for one in (*held, ended)] == ["held", "held", "ended"]
    assert "backup" in held[0].reason
    assert beat(FIRST + DAY) == {}
