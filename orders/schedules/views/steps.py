"""The steps of a schedule, each one button: pause, resume, skip the next time, end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orders.models import Schedule
from orders.placement.posted import read_key
from orders.schedules import services
from orders.schedules.queries import find_schedule, may_act


def _resume(schedule: Schedule, *, by: Any, request: HttpRequest) -> None:
    services.resume(schedule, by=by, order_missed=bool(request.POST.get("order_missed")), request=request)


def _skip(schedule: Schedule, *, by: Any, request: HttpRequest) -> None:
    number = read_key(request.POST.get("number", ""))
    services.skip(schedule, -1 if number is None else number, by=by, request=request)


STEPS: Final[Mapping[str, tuple[Callable[..., None], Any]]] = {
    "pause": (services.pause, _("Paused. Nothing is ordered until you resume it.")),
    "resume": (_resume, _("Resumed.")),
    "skip": (_skip, _("Skipped.")),
    "end": (services.end, _("Ended. Orders that were already made aren’t affected.")),
}


@require_POST
@permission_required("orders.view_schedule", raise_exception=True)
def act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step with a schedule."""
    schedule = find_schedule(request, pk)
    if not may_act(request.user, schedule):
        raise PermissionDenied
    take, words = STEPS[step]
    try:
        take(schedule, by=request.user, request=request)
    except services.NotNow as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, str(words))
    return redirect("orders:schedule_detail", pk=schedule.pk)
