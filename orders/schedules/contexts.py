"""What the pages of schedules show, put together in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from orders.models import Schedule, ScheduledRun
from orders.schedules.making import orders_left
from orders.schedules.recurrence import Slot, recurrence_of
from panelhub.ui.formatting import badge, format_count, format_when
from panelhub.ui.pagination import Sort, number

PAGE_SIZE: Final = 50
NEWEST: Final = Sort("newest", lazy("Newest first"), ("id",), (number,), descending=True)
LAST_RUN: Final = Sort("last", lazy("Last time first"), ("number",), (number,), descending=True)
UPCOMING: Final = 5
TONES: Final[Mapping[str, str]] = {"active": "active", "held": "warn", "paused": "neutral", "ended": "good"}
OUTCOME_TONES: Final[Mapping[str, str]] = {"made": "good", "missed": "bad", "skipped": "neutral"}
TABS: Final[Mapping[str, Any]] = {
    "": lazy("All"),
    "active": lazy("Active"),
    "held": lazy("Held"),
    "paused": lazy("Paused"),
    "ended": lazy("Ended"),
}
Outcome = ScheduledRun.Outcome


def describe_repeat(schedule: Schedule) -> str:
    """Return how a schedule repeats in words: "Every day at 09:00 until 3 May 2027"."""
    clock = time_format(schedule.start_time, "H:i")
    day = date_format(schedule.start_date, "j M Y")
    match schedule.repeat:
        case Schedule.Repeat.ONCE:
            text = _("Once on %(day)s at %(clock)s") % {"day": day, "clock": clock}
        case Schedule.Repeat.SPREAD:
            text = _("Spread over %(days)s days from %(day)s at %(clock)s") % {
                "days": schedule.count,
                "day": day,
                "clock": clock,
            }
        case Schedule.Repeat.DAILY:
            text = _("Every day at %(clock)s") % {"clock": clock}
        case Schedule.Repeat.WEEKLY:
            text = _("Every %(weekday)s at %(clock)s") % {
                "weekday": date_format(schedule.start_date, "l"),
                "clock": clock,
            }
        case _other:
            text = _("Every month on day %(number)s at %(clock)s") % {
                "number": schedule.start_date.day,
                "clock": clock,
            }
    if schedule.until is not None:
        text = _("%(rule)s until %(day)s") % {"rule": text, "day": date_format(schedule.until, "j M Y")}
    if schedule.count is not None and schedule.repeat != Schedule.Repeat.SPREAD:
        times = ngettext("%(count)s time", "%(count)s times", schedule.count) % {"count": schedule.count}
        text = f"{text}, {times}"
    return text


def describe_slot(slot: Slot) -> str:
    """Return a local date and time: "Mon 1 Mar 2027, 09:00"."""
    return f"{date_format(slot.date, 'D j M Y')}, {time_format(slot.time, 'H:i')}"


def describe_shift(schedule: Schedule, slot: Slot) -> str:
    """Return the clock time at which a time really is where a change of the clocks leaves it out; "" otherwise."""
    shown = slot.at.astimezone(recurrence_of(schedule).zone)
    if (shown.date(), shown.time()) == (slot.date, slot.time):
        return ""
    return _("the clocks change: %(clock)s") % {"clock": time_format(shown.time(), "H:i")}


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One time to come, in words; ``shift`` says that the clocks change, ``number`` is the one to skip."""

    number: int
    text: str
    when: Any
    shift: str


def upcoming_of(schedule: Schedule, now: datetime, *, left: int | None = None, most: int = UPCOMING) -> list[Upcoming]:
    """Return the next times of a schedule that isn't over; of one spread over days at most those ``left``."""
    if schedule.next_at is None:
        return []
    try:
        slots = recurrence_of(schedule).upcoming(schedule.next_number, most if left is None else min(most, left))
        return [
            Upcoming(slot.number, describe_slot(slot), format_when(slot.at, now).html, describe_shift(schedule, slot))
            for slot in slots
        ]
    except (KeyError, ValueError):
        return []


@dataclass(frozen=True, slots=True)
class Figures:
    """How many times of a schedule were ordered, missed and skipped."""

    made: int = 0
    missed: int = 0
    skipped: int = 0


def figures_of(keys: Sequence[int]) -> dict[int, Figures]:
    """Return the figures of these schedules; one statement."""
    found: dict[int, dict[str, int]] = {}
    rows = ScheduledRun.objects.filter(schedule__in=keys).order_by().values_list("schedule", "outcome")
    for pk, outcome, count in rows.annotate(n=Count("pk")) if keys else ():
        found.setdefault(pk, {})[outcome] = count
    return {pk: Figures(**counts) for pk, counts in found.items()}


def rows_of(schedules: Sequence[Schedule], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of the list; one statement."""
    figures = figures_of([one.pk for one in schedules])
    rows = []
    for one in schedules:
        done = figures.get(one.pk, Figures())
        rows.append(
            {
                "schedule": one,
                "tone": TONES[one.status],
                "repeat": describe_repeat(one),
                "quantity": format_count(one.quantity) if one.quantity is not None else "",
                "next": format_when(one.next_at, now).html if one.next_at and one.status == "active" else "",
                "made": format_count(done.made),
                "missed": format_count(done.missed) if done.missed else "",
            }
        )
    return rows


def run_rows(runs: Iterable[ScheduledRun], now: datetime) -> list[dict[str, Any]]:
    """Return the times that passed, with their orders, as the page of a schedule shows them."""
    return [
        {
            "run": run,
            "text": f"{date_format(run.local_date, 'D j M Y')}, {time_format(run.local_time, 'H:i')}",
            "tone": OUTCOME_TONES[run.outcome],
            "badge": badge(run.order.status).html if run.order else "",
            "when": format_when(run.at, now).html,
        }
        for run in runs
    ]


def describe_left(schedule: Schedule) -> tuple[int | None, str]:
    """Return how many orders a schedule spread over days still makes, and that in words; one statement."""
    left = orders_left([schedule]).get(schedule.pk)
    if left is None or not schedule.count:
        return None, ""
    quantity = schedule.quantity or 0
    return left, _("%(done)s of %(total)s") % {
        "done": format_count((schedule.count - left) * quantity),
        "total": format_count(schedule.count * quantity),
    }
