"""The pages of schedules: the list, the calendar, and one schedule with its times."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from orders.models import ScheduledRun
from orders.schedules import contexts
from orders.schedules.month import month_of, read_month
from orders.schedules.queries import find_schedule, may_act, runs_for, schedules_for
from orders.schedules.services import OPEN
from panelhub.redaction import hide_amounts
from panelhub.ui.pagination import address, take_page


@require_safe
@permission_required("orders.view_schedule", raise_exception=True)
def show_list(request: HttpRequest) -> HttpResponse:
    """Show the schedules, newest first; ``status`` narrows them to those of one status."""
    status = request.GET.get("status", "")
    status = status if status in contexts.TABS else ""
    rows = schedules_for(request)
    page = take_page(
        rows.filter(status=status) if status else rows,
        sort=contexts.NEWEST,
        size=contexts.PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.select_related("service", "provider", "person").defer(
            "provider__api_key", "service__search_text", "service__description"
        ),
        cursor_of=lambda schedule: [schedule.pk],
    )
    here = QueryDict(f"status={status}" if status else "")
    tabs = [
        {"label": label, "url": address(here, {"status": slug or None}), "current": slug == status}
        for slug, label in contexts.TABS.items()
    ]
    context = {"nav": "schedules", "rows": contexts.rows_of(page.rows, timezone.now()), "page": page, "tabs": tabs}
    return render(request, "orders/schedules/list.html", context)


@require_safe
@permission_required("orders.view_schedule", raise_exception=True)
def show_calendar(request: HttpRequest) -> HttpResponse:
    """Show a month: ``month`` is "2027-03", or this one."""
    today = timezone.localdate()
    first = read_month(request.GET.get("month", ""), today)
    month = month_of(first, today, schedules=schedules_for(request), runs=runs_for(request))
    return render(request, "orders/schedules/calendar.html", {"nav": "schedules", "month": month})


@require_safe
@permission_required("orders.view_schedule", raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one schedule: what it orders, its next times, and the times that passed."""
    schedule = find_schedule(request, pk)
    now = timezone.now()
    page = take_page(
        ScheduledRun.objects.filter(schedule=schedule),
        sort=contexts.LAST_RUN,
        size=contexts.PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.select_related("order", "by"),
        cursor_of=lambda run: [run.number],
    )
    left, progress = contexts.describe_left(schedule)
    context: dict[str, Any] = {
        "nav": "schedules",
        "schedule": schedule,
        "thing": schedule.service,
        "tone": contexts.TONES[schedule.status],
        "repeat": contexts.describe_repeat(schedule),
        "reason": schedule.reason if request.user.has_perm("orders.view_cost") else hide_amounts(schedule.reason),
        "content": [(name, value) for name, value in schedule.fields.items() if name != "confirm_limits"],
        "figures": contexts.figures_of([schedule.pk]).get(schedule.pk, contexts.Figures()),
        "progress": progress,
        "upcoming": contexts.upcoming_of(schedule, now, left=left) if schedule.status in OPEN else [],
        "is_due": schedule.next_at is not None and schedule.next_at <= now,
        "runs": contexts.run_rows(page.rows, now),
        "page": page,
        "may_act": schedule.status in OPEN and may_act(request.user, schedule),
        "takes_over": schedule.person_id != request.user.pk,
    }
    return render(request, "orders/schedules/detail.html", context)
