"""The page of one service: its terms, its price over time, how it did, and what else there is of its kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from panelhub.ui.formatting import format_money, format_when
from panelhub.ui.step_chart import step_line
from providers.catalogue.change_contexts import ChangeKind, mark_of
from providers.catalogue.changes import PRICE_KINDS, show_value
from providers.catalogue.choices import hub_price
from providers.catalogue.contexts import QUALITY
from providers.catalogue.decisions import open_refused
from providers.catalogue.facts.corrections import MAY_SET, FactsForm, describe_known, follow_name, set_facts
from providers.catalogue.filters import describe_range
from providers.catalogue.quality_labels import describe
from providers.catalogue.rows import Look, describe_rates, draw_rows, draw_star
from providers.catalogue.service_contexts import find_rivals, is_comparable, open_orders, price_history
from providers.dialects import Action
from providers.hooks import type_labels
from providers.hub_prices import HubPrices
from providers.models import Favourite, Service, ServiceChange
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES
from providers.permissions import Seen, VisibleProviders, prices_for, visible_providers

MOST_CHANGES: Final = 300
MOST_LINES: Final = 50
ACCEPT: Final = "providers.accept_catalogue"


@require_safe
@permission_required("providers.view_service", raise_exception=True)
def show_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one service."""
    return _show(request, pk)


@require_POST
@permission_required(["providers.view_service", MAY_SET], raise_exception=True)
def change_facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Set what the name of a service says or should say; with ``follow`` it counts again."""
    service = get_object_or_404(visible_providers(request).narrow(Service.objects.all()), pk=pk)
    if request.POST.get("follow"):
        follow_name(service, by=request.user, request=request)
        messages.success(request, _("Reset to what the name says."))
        return redirect("providers:service", pk=pk)
    form = FactsForm(request.POST, instance=service)
    if not form.is_valid():
        return _show(request, pk, form)
    set_facts(service, form.cleaned_data, by=request.user, request=request)
    messages.success(request, _("Saved. Syncs won’t overwrite it."))
    return redirect("providers:service", pk=pk)


def _show(request: HttpRequest, pk: int, form: FactsForm | None = None) -> HttpResponse:
    prices = prices_for(request)
    visible = visible_providers(request)
    marked = Favourite.objects.filter(person=request.user.pk, service=OuterRef("pk"))
    visible_services = visible.narrow(
        Service.objects.select_related("provider", "measured").annotate(is_favourite=Exists(marked))
    )
    service = get_object_or_404(visible_services.defer("provider__api_key", "search_text"), pk=pk)
    if service.provider_id not in visible.providers:
        # It came with an account that was added meanwhile.
        raise Http404
    changes = list(service.changes.order_by("-id")[:MOST_CHANGES])
    sees_cost = request.user.has_perm("orders.view_cost")
    may_order = request.user.has_perm("orders.add_order")
    dialect = service.provider.speaks
    is_open = service.is_available and not service.hold_reason and service.provider.is_active
    rivals = find_rivals(service, visible=visible, reader=request.user)
    look = Look(visible.providers, prices, sees_cost=sees_cost, may_order=may_order, hidden=frozenset({"terms"}))
    context = {
        "nav": "services",
        "service": service,
        "star": draw_star(service.pk, service.external_id, is_favourite=service.is_favourite),
        "platform": TITLES.get(service.platform, ""),
        "kind": KIND_TITLES.get(service.kind, service.kind),
        "type_label": type_labels().get(service.type) or service.type_label or service.type,
        "limits": describe_range(service.min_quantity, service.max_quantity, service.min_unread, service.max_unread),
        "measured": describe(_quality_of(service)),
        "measured_at": getattr(getattr(service, "measured", None), "at", None),
        "may_order": is_open and may_order,
        "may_open": service.hold_reason == Service.Hold.REFUSED and request.user.has_perm(ACCEPT),
        "is_open": is_open,
        "no_refill": dialect.why_not(Action.refill),
        "no_cancel": dialect.why_not(Action.cancel),
        "facts": describe_known(service),
        "facts_form": (form or FactsForm(instance=service)) if request.user.has_perm(MAY_SET) else None,
        "has_facts_by_hand": bool(service.by_hand),
        "changes": _lines(changes, sees_cost=sees_cost),
        "is_comparable": is_comparable(service),
        "rivals": draw_rows(rivals, look) if rivals else "",
        "sees_cost": sees_cost,
        **(_prices(service, changes, visible, prices) if sees_cost else {}),
    }
    return render(request, "providers/catalogue/service.html", context, status=422 if form else 200)


@require_POST
@permission_required(ACCEPT, raise_exception=True)
def open_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a service whose orders were all refused; those that wait unsent go out then."""
    found = visible_providers(request).narrow(Service.objects.select_related("provider").defer("provider__api_key"))
    service = get_object_or_404(found, pk=pk)
    if open_refused(service, by=request.user, request=request):
        messages.success(request, _("%(service)s is open again.") % {"service": service.name})
    else:
        messages.info(request, _("It is already open."))
    return redirect("providers:service", pk=pk)


@require_safe
@permission_required("providers.view_service", raise_exception=True)
def show_orders(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the open orders of a service, as the part of its page that is fetched after the rest."""
    service = get_object_or_404(visible_providers(request).narrow(Service.objects.only("pk")), pk=pk)
    return render(
        request, "providers/catalogue/service.html#orders", {"open_orders": open_orders(request.user, service.pk)}
    )


def _quality_of(service: Service) -> dict[str, Any]:
    quality = getattr(service, "measured", None)
    return {path: getattr(quality, path.removeprefix("measured__"), None) for path in QUALITY}


def _prices(
    service: Service, changes: list[ServiceChange], visible: VisibleProviders, prices: HubPrices
) -> dict[str, Any]:
    """Return the price in both currencies, and its history as a chart and as lines."""
    currency = service.provider.currency
    seen: Seen = visible.providers[service.provider_id]
    history = price_history(service, changes)
    now = timezone.now()
    is_foreign = currency not in ("", prices.currency)
    converted = hub_price(service.hub_rate, seen, prices) if is_foreign else None
    return {
        "hub_price": format_money(converted, prices.currency) if converted is not None else "",
        "rates": describe_rates([seen], prices),
        "chart": step_line(
            history, until=now, label=_("Price per 1,000 over time, %(currency)s") % {"currency": currency}
        ),
        "history": [(format_when(at, now).html, format_money(rate, currency)) for at, rate in reversed(history)],
    }


def _lines(changes: Iterable[ServiceChange], *, sees_cost: bool) -> list[dict[str, Any]]:
    """Return the newest changes as lines of a table; who may not see costs is not shown prices."""
    now = timezone.now()
    shown = [change for change in changes if sees_cost or change.kind not in PRICE_KINDS - {ChangeKind.APPEARED}]
    return [
        {
            "mark": mark_of(change.kind, change.before, change.after),
            "before": show_value(change.kind, change.before) if sees_cost or change.kind not in PRICE_KINDS else "",
            "after": show_value(change.kind, change.after) if sees_cost or change.kind not in PRICE_KINDS else "",
            "when": format_when(change.at, now).html,
        }
        for change in shown[:MOST_LINES]
    ]
