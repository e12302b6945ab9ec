"""Schedules for tests: one that is set up in the database, and the job that makes what is due."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from orders.models import Schedule, ScheduledRun
from orders.schedules.making import make_next
from orders.schedules.recurrence import recurrence_of
from tests.helpers.makers import make_person, make_service

BUYER = ("orders.add_order", "orders.view_order", "orders.add_schedule", "orders.view_schedule")


def make_schedule(**fields: Any) -> Schedule:
    """Return a schedule of 500 a day at 09:00 in Berlin from 1 March 2027, of a person who may order."""
    fields.setdefault("service", None)
    service = fields.pop("service") or make_service()
    plain: dict[str, Any] = {
        "provider": service.provider,
        "service": service,
        "fields": {"link": "https://a.example/p/1", "quantity": "500"},
        "rate": service.rate,
        "repeat": "daily",
        "time_zone": "Europe/Berlin",
        "start_date": datetime(2027, 3, 1).date(),
        "start_time": datetime(2027, 3, 1, 9).time(),
    }
    if "person" not in fields:
        fields["person"] = make_person(*BUYER)
    schedule = Schedule(**(plain | fields))
    if "next_at" not in fields:
        slot = recurrence_of(schedule).slot(schedule.next_number)
        schedule.next_at = slot.at if slot else None
    schedule.save()
    return schedule


def beat(now: datetime) -> Counter[str]:
    """Make all that is due at ``now``; return the figures."""
    done: Counter[str] = Counter()
    while figures := make_next(now):
        done += figures
    return done


def outcomes(schedule: Schedule) -> list[tuple[str, str]]:
    """Return the local day and the outcome of each time, in sequence."""
    runs = ScheduledRun.objects.filter(schedule=schedule).order_by("number")
    return [(str(day), outcome) for day, outcome in runs.values_list("local_date", "outcome")]
