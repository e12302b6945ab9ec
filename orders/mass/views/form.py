"""The form that begins a mass order, above those that were begun."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from orders.mass import contexts as mass_contexts
from orders.mass import services as mass_services
from orders.mass.bundles import expand_bundles
from orders.mass.catalogue import Catalogue
from orders.mass.forms import MassForm, column_help
from orders.mass.queries import mass_orders_for
from orders.mass.reader import MAX_BYTES, Reading, Unreadable, read_file, read_paste
from orders.mass.uploads import bounded_upload
from orders.placement.form_tokens import TokenReused
from orders.placement.spending_limits import why_limit_unset
from orders.placement.validation import OrderInvalid
from panelhub.ui.formatting import format_count, format_when
from panelhub.ui.pagination import take_page
from providers.permissions import visible_providers

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
        reading = expand_bundles(_read(given, catalogue), request.user)
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
    except OrderInvalid as refusal:
        form.add_error("client_label", str(refusal))
        return render(request, "orders/mass/form.html", _list_context(request, form), status=422)
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
        mass_orders_for(request.user),
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
