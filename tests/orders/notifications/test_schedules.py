"""Notices of schedules: held, and missed while the hub was stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Delivery, Notice, ScheduledRun
from orders.notifications.services import watch
from orders.notifications.types import BY_SLUG
from tests.helpers.makers import make_person
from tests.helpers.schedules import BUYER, make_schedule

pytestmark = pytest.mark.django_db

READER = (*BUYER, "orders.change_schedule")


def readers(kind: str) -> set[int | None]:
    watch([BY_SLUG[kind]])
    return set(Delivery.objects.filter(notice__kind=kind, channel=None).values_list("person", flat=True))


def test_whoever_set_it_up_reads_that_it_is_held() -> None:
    make_person(*READER)
    schedule = make_schedule(person=make_person(*READER), status="held", reason="The price went up.")

    assert readers("schedule_held") == {schedule.person_id}
    notice = Notice.objects.get()
    kind = BY_SLUG[notice.kind]
    assert (
        kind.describe(notice.params) == f"Schedule #{schedule.pk} at {schedule.provider} is on hold: The price went up."
    )
    assert kind.address(notice.params).endswith(f"/schedules/{schedule.pk}/")


def test_of_one_who_left_the_others_read_it() -> None:
    other, gone = make_person(*READER), make_person(*READER)
    make_schedule(person=gone, status="held", reason="x")
    gone.is_active = False
    gone.save()

    assert readers("schedule_held") == {other.pk}


def test_it_is_over_once_someone_resumed_it() -> None:
    schedule = make_schedule(person=make_person(*READER), status="held", reason="x")
    watch([BY_SLUG["schedule_held"]])
    schedule.status = "active"
    schedule.save()

    watch([BY_SLUG["schedule_held"]])

    assert not Notice.objects.filter(ended_at=None).exists()


def test_missed_orders_are_said_for_a_day() -> None:
    schedule = make_schedule(person=make_person(*READER))
    now = timezone.now()
    for number in range(3):
        ScheduledRun.objects.create(
            schedule=schedule,
            number=number,
            local_date=schedule.start_date + timedelta(days=number),
            local_time=schedule.start_time,
            due_at=now,
            outcome="missed",
        )

    assert readers("schedule_missed") == {schedule.person_id}
    assert Notice.objects.get().params["count"] == 3
    ScheduledRun.objects.update(at=now - timedelta(days=2))
    watch([BY_SLUG["schedule_missed"]])
    assert not Notice.objects.filter(ended_at=None).exists()
