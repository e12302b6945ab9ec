"""Find schedules and what they made, and who may do what with them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from orders.models import Schedule, ScheduledRun
from providers.permissions import visible_providers


def schedules_for(request: HttpRequest) -> Any:
    """Return the schedules at the providers that the reader is granted."""
    return visible_providers(request).narrow(Schedule.objects.all(), "provider_id")


def runs_for(request: HttpRequest) -> Any:
    """Return the times that passed of the schedules that the reader sees."""
    return visible_providers(request).narrow(ScheduledRun.objects.all(), "schedule__provider_id")


def with_parties(schedules: Any) -> Any:
    """Return schedules with their service, provider and person loaded; nothing of a provider's key."""
    rows = schedules.select_related("person", "provider", "service")
    return rows.defer("provider__api_key", "service__search_text", "service__description")


def find_schedule(request: HttpRequest, pk: int) -> Schedule:
    """Return a schedule that this reader may see; raises :class:`Http404`."""
    found: Schedule = get_object_or_404(with_parties(schedules_for(request)), pk=pk)
    return found


def may_act(user: Any, schedule: Schedule) -> bool:
    """Return whether a person may change a schedule: their own if they may make any, another's if they may change them.

    Whoever resumes one orders from then on, so they must be able to order.
    """
    needed = "orders.add_schedule" if schedule.person_id == user.pk else "orders.change_schedule"
    return bool(user.has_perms([needed, "orders.add_order"]))
