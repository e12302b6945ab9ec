"""Lists that look wrong and prices that jumped: what waits for a person, and the buttons that decide."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from panelhub.db.aggregates import CAP, CappedCount
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import format_capped, format_count, format_money, format_when
from panelhub.ui.pagination import Sort, number, take_page
from providers.catalogue.changes import price_step
from providers.catalogue.decisions import accept_all_rates, accept_list, accept_rates, discard_list
from providers.catalogue.seen_prices import mark_of_price, mark_of_prices
from providers.models import CatalogueHold, Service
from providers.permissions import Seen, visible_providers

ACCEPT: Final = "providers.accept_catalogue"
PAGE_SIZE: Final = 50
MOST_DECIDED: Final = 10
MOST_AT_ONCE: Final = 5_000
"""How many prices one click accepts; for more, click again."""
SORT: Final = Sort("", gettext_lazy("Provider"), ("pk",), (number,))


@require_safe
@permission_required("providers.view_service", raise_exception=True)
def show_held(request: HttpRequest) -> HttpResponse:
    """Held lists with what they would change, and services that a price jump closed."""
    provider = _find_provider(request, request.GET.get("provider", ""))
    sees_cost, may_accept = (request.user.has_perm(wanted) for wanted in ("orders.view_cost", ACCEPT))
    holds = _holds(request, provider)
    context = {
        "nav": "providers",
        "provider": provider,
        "holds": holds,
        "has_open": any(hold["is_open"] for hold in holds),
        "has_decided": any(not hold["is_open"] for hold in holds),
        "waits_for_sync": any(hold["is_open"] and hold["accepted_by"] for hold in holds),
        "sees_cost": sees_cost,
        "may_accept": may_accept,
        **_prices(request, provider, sees_cost=sees_cost, may_accept=may_accept),
    }
    return render(
        request,
        "providers/catalogue/held.html#held" if is_partial(request) else "providers/catalogue/held.html",
        context,
    )


def _holds(request: HttpRequest, provider: Seen | None) -> list[dict[str, Any]]:
    """Return what is open, and the last ones that were decided about; two statements."""
    now = timezone.now()
    holds = visible_providers(request).narrow(
        CatalogueHold.objects.select_related("provider", "accepted_by", "closed_by")
    )
    holds = holds.defer("provider__api_key")
    if provider is not None:
        holds = holds.filter(provider=provider.pk)
    newest = holds.order_by("-pk")
    decided = newest.filter(closed_at__isnull=False)[:MOST_DECIDED]
    waiting = newest.filter(closed_at__isnull=True)
    return [_hold(hold, now) for hold in (*waiting, *decided)]


def _hold(hold: CatalogueHold, now: Any) -> dict[str, Any]:
    details = hold.details if isinstance(hold.details, dict) else {}
    figures = [
        (_("listed"), hold.listed),
        (_("known"), hold.known),
        (_("would appear"), details.get("appeared")),
        (_("would close"), details.get("gone")),
        (_("would change"), details.get("changed")),
        (_("would be renamed"), details.get("renamed")),
    ]
    examples = [
        (_("Would appear"), details.get("appeared_examples")),
        (_("Would close"), details.get("gone_examples")),
        (_("Would be renamed"), details.get("renamed_examples")),
    ]
    return {
        "pk": hold.pk,
        "provider": hold.provider,
        "kind": hold.get_kind_display(),
        "reason": hold.reason,
        "figures": [(name, format_count(value)) for name, value in figures if isinstance(value, int)],
        "examples": [(name, lines) for name, lines in examples if isinstance(lines, list) and lines],
        "is_open": hold.closed_at is None,
        "accepted_by": hold.accepted_by,
        "closed_by": hold.closed_by,
        "outcome": hold.get_outcome_display(),
        "since": format_when(hold.at, now).html,
        "seen": format_when(hold.last_seen_at, now).html,
        "closed": format_when(hold.closed_at, now).html,
    }


def _held_services(request: HttpRequest, provider: Seen | None) -> QuerySet[Service]:
    found: QuerySet[Service] = visible_providers(request).narrow(
        Service.objects.filter(hold_reason=Service.Hold.PRICE_JUMP, is_available=True)
    )
    return found if provider is None else found.filter(provider=provider.pk)


def _prices(request: HttpRequest, provider: Seen | None, *, sees_cost: bool, may_accept: bool) -> dict[str, Any]:
    found = _held_services(request, provider)
    page = take_page(
        found,
        sort=SORT,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda services: services.values(
            "pk", "name", "external_id", "rate", "accepted_rate", "provider_id", total=CappedCount(found)
        ),
        cursor_of=lambda row: [row["pk"]],
    )
    providers = visible_providers(request).providers
    rows = [
        {
            **row,
            "seen": f"{row['pk']}:{mark_of_price(row['rate'])}",
            "provider": providers[row["provider_id"]].name,
            "before": format_money(row["accepted_rate"], providers[row["provider_id"]].currency) if sees_cost else "",
            "after": format_money(row["rate"], providers[row["provider_id"]].currency) if sees_cost else "",
            "step": price_step(str(row["accepted_rate"]), str(row["rate"])) if sees_cost else None,
        }
        for row in page.rows
        # What came with an account that was added meanwhile is shown the next time.
        if row["provider_id"] in providers
    ]
    total = page.rows[0]["total"] if page.rows else 0
    all_seen = mark_of_prices(_first_of(found).values_list("pk", "rate")) if rows and may_accept else ""
    return {"page": page, "rows": rows, "total_text": format_capped(total, CAP), "all_seen": all_seen}


def _first_of(waiting: QuerySet[Service]) -> QuerySet[Service]:
    """As many as one press of the button for all accepts."""
    return waiting.order_by("pk")[:MOST_AT_ONCE]


@require_POST
@permission_required(ACCEPT, raise_exception=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a held list or throw it away."""
    holds = visible_providers(request).narrow(
        CatalogueHold.objects.select_related("provider").defer("provider__api_key")
    )
    hold = get_object_or_404(holds, pk=pk)
    way = request.POST.get("way", "")
    if way == "accept":
        news = accept_list(hold, by=request.user, request=request)
        text = _("The list from %(provider)s is applied at the next sync.")
    elif way == "discard":
        news = discard_list(hold, by=request.user, request=request)
        text = _("The list from %(provider)s is discarded. The current list stays.")
    else:
        return redirect(_back(request))
    if news:
        messages.success(request, text % {"provider": hold.provider.name})
    else:
        messages.info(request, _("That list has already been reviewed."))
    return redirect(_back(request))


@require_POST
@permission_required(ACCEPT, raise_exception=True)
def accept(request: HttpRequest) -> HttpResponse:
    """Accept the prices of the chosen services, or of all that wait: each only as it was seen on the page."""
    provider = _find_provider(request, request.POST.get("provider", ""))
    services = _held_services(request, provider)
    if request.POST.get("all") == "1":
        waiting = Service.objects.filter(pk__in=list(_first_of(services).values_list("pk", flat=True)))
        accepted = accept_all_rates(waiting, seen=request.POST.get("seen", ""), by=request.user, request=request)
        has_moved = accepted is None
    else:
        seen = _seen_prices(request.POST.getlist("service"))
        accepted, moved = accept_rates(services, seen=seen, by=request.user, request=request)
        has_moved = bool(moved)
    if accepted:
        text = ngettext("%(count)s price accepted.", "%(count)s prices accepted.", accepted)
        messages.success(request, text % {"count": format_count(accepted)})
    if has_moved:
        words = _("A price changed again and wasn’t accepted. Review it again.")
        messages.warning(request, words)
    if not (accepted or has_moved):
        messages.info(request, _("No price was accepted. Select a service that needs review."))
    return redirect(_back(request))


def _seen_prices(texts: list[str]) -> dict[int, str]:
    """Return the chosen services, each with the mark of the price that was shown with it (``12:ab34…``)."""
    pairs = (text.partition(":") for text in texts[:MOST_AT_ONCE])
    return {int(key): mark for key, _colon, mark in pairs if key.isascii() and key.isdigit() and len(key) < 19}


def _find_provider(request: HttpRequest, key: str) -> Seen | None:
    """Return the provider of the reader with this key; None when it says nothing."""
    return (
        visible_providers(request).providers.get(int(key))
        if key.isascii() and key.isdigit() and len(key) < 10
        else None
    )


def _back(request: HttpRequest) -> str:
    provider = _find_provider(request, request.POST.get("provider", ""))
    return reverse("providers:held") + (f"?provider={provider.pk}" if provider else "")
