"""The catalogue: every provider's services side by side, as a page and as a file; and people's favourites in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from panelhub.audit.services import record
from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.lists.columns import load_toggled, toggled_columns
from panelhub.ui.exports import send_xlsx, stream_csv
from panelhub.ui.formatting import format_capped
from panelhub.ui.pagination import FIRST_PAGE, address
from providers.catalogue.changes import marks_of, once_each, start_of_yesterday
from providers.catalogue.contexts import MEASURED_SORTS, TABLE, CatalogueFilter
from providers.catalogue.exports import table_of
from providers.catalogue.filters import BY_KIND
from providers.catalogue.rows import Look, describe_rates, draw_rows, draw_star
from providers.models import Favourite, Service, ServiceChange
from providers.permissions import VisibleProviders, prices_for, visible_providers

FORMS: Final[dict[str, Any]] = {"csv": stream_csv, "xlsx": send_xlsx}


@require_safe
@permission_required("providers.view_service", raise_exception=True)
def list_services(request: HttpRequest) -> HttpResponse:
    """Show the catalogue, or its table alone when a filter or a page was chosen on it."""
    template = "providers/catalogue/services.html#table" if is_partial(request) else "providers/catalogue/services.html"
    return render(request, template, _list_context(request))


def _filter_of(request: HttpRequest) -> CatalogueFilter:
    prices = prices_for(request)
    return CatalogueFilter(request.GET, visible=visible_providers(request), prices=prices, reader=request.user)


def _list_context(request: HttpRequest) -> dict[str, Any]:
    form = _filter_of(request)
    visible = form.visible
    counts = {**tab_counts(request, visible), "toggled": toggled_columns(request.user, TABLE)}
    page = form.take_page(request.GET, counts)
    total = page.rows[0]["total"] if page.rows else 0
    sees_cost = request.user.has_perm("orders.view_cost")
    hidden = TABLE.hidden(page.rows[0]["toggled"] if page.rows else load_toggled(request.user, TABLE))

    def group_url(platform: str, kind: str) -> str:
        return address(request.GET, {**FIRST_PAGE, "platform": platform or None, "kind": kind})

    look = Look(
        providers=visible.providers,
        prices=form.prices,
        sees_cost=sees_cost,
        may_order=request.user.has_perm("orders.add_order"),
        marks=marks_of([row["id"] for row in page.rows], sees_cost=sees_cost),
        hidden=hidden,
        group_url=group_url if form.chosen_sort.slug == BY_KIND.slug else None,
    )
    chips = [
        {"name": name, "value": value, "url": address(request.GET, {**FIRST_PAGE, field: None})}
        for field, name, value in form.described()
    ]
    return {
        "nav": "services",
        "tabs": tabs_for(page.rows, counts, "favourites" if form.cleaned_data.get("favourites") else ""),
        "form": form,
        "chips": chips,
        "clear_url": address(QueryDict(), {"sort": request.GET.get("sort") or None}),
        "rows": draw_rows(page.rows, look) if page.rows else "",
        "page": page,
        "total": total,
        "total_text": format_capped(total, CAP),
        "sees_cost": sees_cost,
        "currency": form.prices.currency,
        "rates": describe_rates(visible.providers.values(), form.prices) if sees_cost else [],
        "only_measured": form.chosen_sort in MEASURED_SORTS,
        "headings": TABLE.headings(
            hidden,
            current=form.chosen_sort.slug,
            usual=form.usual_sort.slug,
            parameters=request.GET,
            sees_cost=sees_cost,
        ),
        "columns": TABLE.choices(hidden, sees_cost=sees_cost),
        "has_providers": bool(visible.providers),
        "export_links": export_links(request, "providers:services_export"),
    }


def export_links(request: HttpRequest, url_name: str) -> list[tuple[str, str]]:
    """Return pairs of a format and the address of what the page shows in it; none for who may not export."""
    if not request.user.has_perm("orders.export_order"):
        return []
    query = address(request.GET, FIRST_PAGE).removeprefix("?")
    return [(form.upper(), f"{reverse(url_name, args=[form])}{f'?{query}' if query else ''}") for form in FORMS]


def tab_counts(request: HttpRequest, visible: VisibleProviders) -> dict[str, Any]:
    """Return how many favourites there are, and how much changed, to be read along with a page of rows."""
    marked = visible.narrow(Favourite.objects.filter(person=request.user.pk), "service__provider_id")
    changed = visible.narrow(once_each(ServiceChange.objects.filter(at__gte=start_of_yesterday())))
    return {"all_favourites": CappedCount(marked), "all_changes": CappedCount(changed)}


def tabs_for(rows: Sequence[Mapping[str, Any]], counts: Mapping[str, Any], current: str) -> list[dict[str, Any]]:
    """Return the views of the catalogue; one statement where no row has the counts."""
    people: Any = get_user_model().objects.order_by()
    found = rows[0] if rows else people.values(**counts)[:1][0]
    services, feed = reverse("providers:services"), reverse("providers:changes")
    return [
        {"label": label, "url": url, "current": slug == current, "count": format_capped(count, CAP) if count else ""}
        for slug, label, url, count in (
            ("", _("All services"), services, 0),
            ("favourites", _("Favourites"), f"{services}?favourites=on", found["all_favourites"]),
            ("changes", _("Changed since yesterday"), feed, found["all_changes"]),
        )
    ]


@require_safe
@permission_required(["providers.view_service", "orders.export_order"], raise_exception=True)
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Show every service that the filter of the address finds, in its order, as ``csv`` or ``xlsx``."""
    if form not in FORMS:
        raise Http404
    asked = _filter_of(request)
    header, rows = table_of(asked, sees_cost=request.user.has_perm("orders.view_cost"))
    query = request.GET.urlencode()[:1_000]
    record(request.user, "services.exported", "providers.service", query, request=request, format=form)
    sent: HttpResponseBase = FORMS[form](f"services-{timezone.localdate().isoformat()}", header, rows)
    return sent


@require_POST
@permission_required("providers.view_service", raise_exception=True)
def favourite(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a service as the reader's favourite (``on``), or take the mark away."""
    service = get_object_or_404(visible_providers(request).narrow(Service.objects.only("pk", "external_id")), pk=pk)
    reader: Any = request.user
    is_on = bool(request.POST.get("on"))
    if is_on:
        Favourite.objects.bulk_create([Favourite(person=reader, service=service)], ignore_conflicts=True)
    else:
        Favourite.objects.filter(person=reader, service=service).delete()
    if is_partial(request):
        return HttpResponse(draw_star(service.pk, service.external_id, is_favourite=is_on))
    return redirect(f"{_way_back(request.POST)}#service-{service.pk}")


def _way_back(typed: Mapping[str, Any]) -> str:
    target = str(typed.get("next", ""))
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours else reverse("providers:services")
