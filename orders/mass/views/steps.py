"""The steps of a mass order, each one button: place, check again, pause, resume, withdraw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orders.mass import services as mass_services
from orders.mass.queries import find_mass_order, may_act
from orders.models import MassOrder
from panelhub.ui.formatting import format_count


@dataclass(frozen=True, slots=True)
class Step:
    """What a button of the page does: the step, and what is said afterwards."""

    take: Callable[[HttpRequest, MassOrder], Any]
    say: Callable[[Any], str]
    permission: str = "orders.add_massorder"


def _place(request: HttpRequest, batch: MassOrder) -> None:
    mass_services.start_placing(
        batch,
        by=request.user,
        with_warnings=bool(request.POST.get("with_warnings")),
        despite_twin=bool(request.POST.get("despite_twin")),
        request=request,
    )


STEPS: Final[Mapping[str, Step]] = {
    "place": Step(
        _place,
        lambda _done: _("Placing the orders. You can leave this page."),
        permission="orders.add_order",
    ),
    "check": Step(
        lambda request, batch: mass_services.check_again(batch, by=request.user),
        lambda batch: (
            _("Checked again: %(good)s of %(total)s lines are ready.")
            % {"good": format_count(batch.good), "total": format_count(batch.total)}
        ),
    ),
    "pause": Step(
        lambda request, batch: mass_services.pause(batch, by=request.user, request=request),
        lambda held: (
            ngettext("Paused. %(n)s order is held.", "Paused. %(n)s orders are held.", held) % {"n": format_count(held)}
        ),
    ),
    "resume": Step(
        lambda request, batch: mass_services.resume(batch, by=request.user, request=request),
        lambda queued: (
            ngettext("Resumed. %(n)s order is queued.", "Resumed. %(n)s orders are queued.", queued)
            % {"n": format_count(queued)}
        ),
    ),
    "withdraw": Step(
        lambda request, batch: mass_services.withdraw(batch, by=request.user, request=request),
        lambda back: (
            ngettext(
                "Withdrawn. %(n)s order was stopped before it was sent.",
                "Withdrawn. %(n)s orders were stopped before they were sent.",
                back,
            )
            % {"n": format_count(back)}
        ),
    ),
}


@require_POST
@permission_required("orders.view_massorder", raise_exception=True)
def act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step with a mass order."""
    batch = find_mass_order(request, pk)
    taken = STEPS[step]
    if not may_act(request.user, batch) or not request.user.has_perm(taken.permission):
        raise PermissionDenied
    try:
        done = taken.take(request, batch)
    except mass_services.NotNow as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, taken.say(done))
    return redirect("orders:mass_detail", pk=batch.pk)
