"""Mass orders: begin one, look at what was checked, place it, watch it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.mass import contexts as mass_contexts
from orders.mass import services as mass_services
from orders.mass.forms import MassForm, column_help
from orders.mass.reader import MAX_BYTES, Reading, Unreadable, read_file, read_paste
from orders.mass.uploads import bounded_upload
from orders.mass.validation import Catalogue
from orders.models import MassLine, MassOrder
from orders.placement.form_tokens import TokenReused
from orders.placement.spending_limits import why_limit_unset
from panelhub.audit.services import record
from panelhub.http.htmx import is_partial
from panelhub.ui.exports import stream_csv
from panelhub.ui.formatting import format_count, format_when
from panelhub.ui.pagination import address, take_page
from providers.permissions import visible_providers

Status = mass_services.Status

MOST_LIVE_ROWS: Final = 100
# A file of the largest size, with the rest of the form around it.
MOST_BODY: Final = MAX_BYTES + 1024 * 1024


def _refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    context = _list_context(request, _new_form(request)) | {"fault": sentence}
    return render(request, "orders/mass/form.html", context, status=413)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.view_massorder", raise_exception=True)
@bounded_upload(most=MOST_BODY, refuse=_refuse)
def begin(request: HttpRequest) -> HttpResponse:
    """The form that begins a mass order, above those that were begun.

    POST reads and checks what was pasted or uploaded; nothing is ordered.
    """
    if request.method != "POST":
        return render(request, "orders/mass/form.html", _list_context(request, _new_form(request)))
    if not request.user.has_perm("orders.add_massorder"):
        raise PermissionDenied
    form = _new_form(request, request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "orders/mass/form.html", _list_context(request, form), status=422)
    given = form.cleaned_data
    catalogue = Catalogue(user=request.user, default_provider_id=given["provider"])
    try:
        reading = _read(given, catalogue)
    except Unreadable as fault:
        context = _list_context(request, form) | {"fault": str(fault)}
        return render(request, "orders/mass/form.html", context, status=422)
    try:
        batch = mass_services.create_mass_order(
            user=request.user,
            reading=reading,
            catalogue=catalogue,
            provider_id=given["provider"],
            name=given["name"] or (given["file"].name[:200] if given["file"] else ""),
            client_label=given["client_label"],
            form_token=given["form_token"],
            request=request,
        )
    except TokenReused as reused:
        # The page that answers has a token of its own.
        typed = request.POST.copy()
        typed["form_token"] = str(uuid.uuid4())
        context = _list_context(request, _new_form(request, typed)) | {"fault": str(reused)}
        return render(request, "orders/mass/form.html", context, status=422)
    return redirect("orders:mass_detail", pk=batch.pk)


def _read(given: Mapping[str, Any], catalogue: Catalogue) -> Reading:
    if given["file"] is None:
        return read_paste(given["lines"], names_provider=catalogue.names_provider)
    return read_file(
        given["file"].read(MAX_BYTES + 1),
        names_provider=catalogue.names_provider,
        language=get_language() or "",
        encoding=given["encoding"],
        sheet=given["sheet"],
    )


def _new_form(request: HttpRequest, data: Any = None, files: Any = None) -> MassForm:
    providers = [(seen.pk, seen.name) for seen in visible_providers(request).providers.values() if seen.is_active]
    return MassForm(data, files, providers=providers, initial={"form_token": uuid.uuid4()})


def _list_context(request: HttpRequest, form: MassForm) -> dict[str, Any]:
    page = take_page(
        mass_services.mass_orders_for(request.user),
        sort=mass_contexts.NEWEST,
        size=mass_contexts.PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.select_related("created_by"),
        cursor_of=lambda batch: [batch.pk],
    )
    now = timezone.now()
    rows = [
        {
            "batch": batch,
            "tone": mass_contexts.TONES[batch.status],
            "when": format_when(batch.created_at, now).html,
            "total": format_count(batch.total),
            "faults": format_count(batch.total - batch.good) if batch.total > batch.good else "",
            "placed": format_count(batch.placed),
        }
        for batch in page.rows
    ]
    unset = why_limit_unset(request.user) if request.user.has_perm("orders.add_massorder") else ""
    return {"nav": "mass", "form": form, "unset": unset, "rows": rows, "page": page, "columns": column_help()}


# --- One mass order ---------------------------------------------------------------------------------------------------


@require_safe
@permission_required("orders.view_massorder", raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one mass order.

    A page that asks again, by the marks of what it shows, gets what changed; 204 when nothing did.
    """
    batch = find(request, pk)
    if is_partial(request) and "rows" in request.GET:
        return _show_changes(request, batch)
    context = {**head_context(request, batch), **_lines_context(request, batch), "nav": "mass"}
    return render(request, "orders/mass/detail.html", context)


def _show_changes(request: HttpRequest, batch: MassOrder) -> HttpResponse:
    asked = dict(pair.split(":", 1) for pair in request.GET["rows"].split(",")[:MOST_LIVE_ROWS] if ":" in pair)
    context = head_context(request, batch)
    keys = {int(key): mark for key, mark in asked.items() if key.isascii() and key.isdigit() and len(key) < 19}
    found = MassLine.objects.filter(mass_order=batch, pk__in=keys).values(*mass_contexts.COLUMNS) if keys else []
    moved = [values for values in found if mass_contexts.mark_of_line(values) != keys[values["pk"]]]
    head_moved = context["mark"] != f"batch:{asked.get('batch', '')}"
    if not moved and not head_moved:
        return HttpResponse(status=204)
    context |= {"rows": rows_for(request, batch, moved, changed=True), "head_moved": head_moved}
    response = render(request, "orders/mass/detail.html#live", context)
    if not head_moved:
        # Only rows, which find their own places.
        response["HX-Reswap"] = "none"
    return response


def find(request: HttpRequest, pk: int) -> MassOrder:
    """A mass order that may be seen; raises :class:`Http404`."""
    # The page needs it in any case, and what a person is granted is known from it.
    visible_providers(request)
    return get_object_or_404(mass_services.mass_orders_for(request.user).select_related("created_by"), pk=pk)


def head_context(request: HttpRequest, batch: MassOrder) -> dict[str, Any]:
    """What the head of the page shows."""
    figures = mass_contexts.load_figures(batch)
    sees_cost = request.user.has_perm("orders.view_cost")
    waits = figures.plain + figures.warned
    mark = mass_contexts.mark_of_batch(batch, figures)
    open_steps = mass_contexts.open_steps(batch, figures) if may_act(request.user, batch) else frozenset()
    steps = {step for step in open_steps if request.user.has_perm(STEPS[step].permission)}
    return {
        "batch": batch,
        "figures": figures,
        "mark": mark,
        "live": mark if batch.status == Status.PLACING or figures.is_moving else "",
        "tone": mass_contexts.TONES[batch.status],
        "by_status": sorted(figures.by_status.items()),
        "to_make": figures.ordered + (waits if batch.summary.get("with_warnings") else figures.plain),
        "may_mend": batch.status in mass_services.MENDABLE and may_act(request.user, batch),
        "twin": mass_services.twin_of(batch) if "place" in steps else None,
        "sums": list(mass_contexts.sums_of(batch, visible_providers(request).providers)) if waits and sees_cost else [],
        "steps": steps,
        "may_export": request.user.has_perm("orders.export_order"),
        "sees_cost": sees_cost,
        "created": format_when(batch.created_at, timezone.now()).html,
    }


def may_act(user: Any, batch: MassOrder) -> bool:
    """One's own with the permission to make any; another's only with that to change them."""
    if batch.created_by_id == user.pk:
        return bool(user.has_perm("orders.add_massorder"))
    return bool(user.has_perm("orders.change_massorder"))


def _lines_context(request: HttpRequest, batch: MassOrder) -> dict[str, Any]:
    shown = request.GET.get("show", "")
    _label, wanted = mass_contexts.SHOWN.get(shown, mass_contexts.SHOWN[""])
    page = take_page(
        MassLine.objects.filter(wanted, mass_order=batch),
        sort=mass_contexts.BY_NUMBER,
        size=mass_contexts.PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.values(*mass_contexts.COLUMNS),
        cursor_of=lambda row: [row["number"]],
    )
    here = QueryDict(f"show={shown}" if shown in mass_contexts.SHOWN else "")
    tabs = [
        {"label": label, "url": address(here, {"show": slug or None}) + "#lines", "current": slug == shown}
        for slug, (label, _wanted) in mass_contexts.SHOWN.items()
    ]
    return {
        "batch": batch,
        "rows": rows_for(request, batch, page.rows),
        "page": page,
        "may_mend": batch.status in mass_services.MENDABLE and may_act(request.user, batch),
        "tabs": tabs,
        "sees_cost": request.user.has_perm("orders.view_cost"),
    }


def rows_for(request: HttpRequest, batch: MassOrder, found: list[Any], *, changed: bool = False) -> list[Any]:
    """The rows of lines as somebody may see them."""
    return mass_contexts.rows_of(
        found,
        providers=visible_providers(request).providers,
        is_placing=batch.status == Status.PLACING,
        sees_cost=request.user.has_perm("orders.view_cost"),
        changed=changed,
    )


@require_safe
@permission_required(["orders.view_massorder", "orders.export_order"], raise_exception=True)
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What came of each line, as CSV."""
    batch = find(request, pk)
    header, rows = mass_contexts.outcome_rows(batch, sees_cost=request.user.has_perm("orders.view_cost"))
    record(request.user, "mass.exported", batch, f"{batch.total} lines", request)
    return stream_csv(f"mass-order-{batch.pk}", header, rows)


# --- Steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """What a button of the page does: the deed, and what is said afterwards."""

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
        lambda _done: _("The orders are being made. You can leave this page: it goes on by itself."),
        permission="orders.add_order",
    ),
    "check": Step(
        lambda request, batch: mass_services.check_again(batch, by=request.user),
        lambda batch: (
            _("Checked again: %(good)s of %(total)s lines are without a fault.")
            % {"good": format_count(batch.good), "total": format_count(batch.total)}
        ),
    ),
    "pause": Step(
        lambda request, batch: mass_services.pause(batch, by=request.user, request=request),
        lambda held: (
            ngettext("Paused; %(n)s order is held.", "Paused; %(n)s orders are held.", held) % {"n": format_count(held)}
        ),
    ),
    "resume": Step(
        lambda request, batch: mass_services.resume(batch, by=request.user, request=request),
        lambda queued: (
            ngettext("It goes on; %(n)s order is queued.", "It goes on; %(n)s orders are queued.", queued)
            % {"n": format_count(queued)}
        ),
    ),
    "withdraw": Step(
        lambda request, batch: mass_services.withdraw(batch, by=request.user, request=request),
        lambda back: (
            ngettext(
                "Withdrawn; %(n)s order was taken back before it was sent.",
                "Withdrawn; %(n)s orders were taken back before they were sent.",
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
    batch = find(request, pk)
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
