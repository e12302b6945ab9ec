"""Money pages: balances and charges per day, differences, sums by client, entries; as a page, CSV and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from orders.accounting import ledger
from orders.accounting.contexts import account_rows, client_rows, day_row, difference_row, entry_row, months
from orders.accounting.forms import EntryForm, PeriodForm
from orders.accounting.overview import summarize
from orders.accounting.reconciliation import orders_that_differ, reconcile, sum_by_client
from orders.models import LedgerEntry
from orders.permissions import orders_for, product_orders_for, providers_for, seen_by
from panelhub.audit.services import record
from panelhub.http.htmx import is_partial
from panelhub.ui.exports import send_xlsx, stream_csv
from panelhub.ui.formatting import format_money
from providers.models import Provider
from providers.permissions import prices_for, visible_providers

USUAL: Final = timedelta(days=13)
MOST_DIFFERENCES: Final = 50
MOST_ENTRIES: Final = 50
PLACES: Final = 10


@dataclass(frozen=True, slots=True)
class PeriodQuery:
    """What a page of money is about: one provider, or without one all of them."""

    provider: Provider | None
    since: date
    until: date
    form: PeriodForm

    @property
    def days(self) -> dict[str, str]:
        """The period alone, as parts of a query string."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}

    @property
    def query(self) -> str:
        """The same question as a query string."""
        return urlencode(self.days | ({"provider": str(self.provider.pk)} if self.provider else {}))


def _asked(request: HttpRequest) -> PeriodQuery:
    visible = visible_providers(request)
    today = timezone.localdate()
    # The usual period stands in the fields, so that it can be seen and moved.
    period = request.GET.copy()
    for name, usual in (("since", today - USUAL), ("until", today)):
        period[name] = period.get(name) or str(usual)
    form = PeriodForm(period, visible=visible)
    form.is_valid()
    given = form.cleaned_data
    wanted: Any = given.get("provider")
    known = wanted is not None and wanted in visible.providers
    provider = Provider.objects.defer("api_key").filter(pk=wanted).first() if known else None
    if form.errors:
        return PeriodQuery(provider, today - USUAL, today, form)
    return PeriodQuery(provider, given["since"], given["until"], form)


@require_safe
@permission_required(["orders.view_ledgerentry", "orders.view_cost"], raise_exception=True)
def show(request: HttpRequest) -> HttpResponse:
    """Show all providers or one, for a period, or the page's part when another was chosen on it."""
    period = _asked(request)
    key = str(period.provider.pk) if period.provider else ""
    context: dict[str, Any] = {
        "form": period.form,
        "provider": period.provider,
        "nav": "money",
        "asked": period,
        "months": months(timezone.localdate(), period.since, period.until, key),
        "exports": _export_links(period) if request.user.has_perm("orders.export_order") else {},
        **_clients(request, period),
    }
    if period.provider is not None:
        context |= _report(request, period, period.provider)
    else:
        context |= _all_providers(request, period)
    return render(
        request, "orders/accounting/page.html#report" if is_partial(request) else "orders/accounting/page.html", context
    )


def _clients(request: HttpRequest, period: PeriodQuery) -> dict[str, Any]:
    sums = sum_by_client(
        orders_for(request.user), product_orders_for(request.user), since=period.since, until=period.until
    )
    return client_rows(sums, prices_for(request), period.days)


def _all_providers(request: HttpRequest, period: PeriodQuery) -> dict[str, Any]:
    visible = visible_providers(request)
    found = summarize(visible.providers.values(), prices_for(request), since=period.since, until=period.until)
    return {
        "accounts": account_rows(found, period.days),
        "hub_charged": format_money(found.charged, found.currency),
        "hub_closing": format_money(found.closing, found.currency),
        "hub_currency": found.currency,
        "without_rate": ", ".join(found.without_rate),
    }


def _report(request: HttpRequest, period: PeriodQuery, provider: Provider) -> dict[str, Any]:
    found = reconcile(provider, since=period.since, until=period.until)
    differing = _differing(request, period, provider).select_related("service")[: MOST_DIFFERENCES + 1]
    rows = [difference_row(order) for order in differing]
    entries = list(LedgerEntry.objects.filter(provider=provider).select_related("created_by")[:MOST_ENTRIES])
    now = timezone.now()
    return {
        "days": [day_row(day, provider.currency) for day in reversed(found.days)],
        "total": day_row(found.total, provider.currency),
        "elsewhere": sorted(found.total.elsewhere.items()),
        "differences": rows[:MOST_DIFFERENCES],
        "more_differences": len(rows) > MOST_DIFFERENCES,
        "entries": [entry_row(entry, now) for entry in entries],
        "entry_form": EntryForm(),
        "may": {verb: request.user.has_perm(f"orders.{verb}_ledgerentry") for verb in ("add", "change", "delete")},
    }


def _export_links(period: PeriodQuery) -> dict[str, list[tuple[str, str]]]:
    return {
        table: [
            (form.upper(), f"{reverse('orders:money_export', args=[table, form])}?{period.query}") for form in FORMS
        ]
        for table in TABLES
    }


def _differing(request: HttpRequest, period: PeriodQuery, provider: Provider) -> Any:
    return orders_that_differ(
        orders_for(request.user).filter(provider=provider), since=period.since, until=period.until
    )


# --- Exports --------------------------------------------------------------------------------------------------------


def _day_lines(request: HttpRequest, period: PeriodQuery, provider: Provider) -> Iterable[Sequence[Any]]:
    for day in reconcile(provider, since=period.since, until=period.until).days:
        yield [
            day.day, provider.name, provider.currency, day.opening, day.charged, day.entered, day.to_confirm,
            day.closing, day.moved, day.difference, day.unreported,
        ]  # fmt: skip


def _difference_lines(request: HttpRequest, period: PeriodQuery, provider: Provider) -> Iterable[Sequence[Any]]:
    differing = _differing(request, period, provider).select_related("service")
    for order in differing.iterator(chunk_size=500):
        yield [
            order.pk, order.external_id, provider.name, order.service.name if order.service else "", order.link,
            order.status, order.client_label, order.created_at, order.currency or provider.currency,
            order.expected_charge, round(order.net, PLACES), order.charge, round(order.gap, PLACES),
        ]  # fmt: skip


def _client_lines(request: HttpRequest, period: PeriodQuery, provider: Provider | None) -> Iterable[Sequence[Any]]:
    visible = visible_providers(request)
    orders, products = orders_for(request.user), product_orders_for(request.user)
    for one in sum_by_client(orders, products, since=period.since, until=period.until):
        seen = visible.providers.get(one.provider_id)
        yield [
            one.label, seen.name if seen else "", one.currency, one.orders, one.open, one.expected, one.charged,
        ]  # fmt: skip


TABLES: Final[Mapping[str, tuple[tuple[Any, ...], Callable[..., Iterable[Sequence[Any]]]]]] = {
    "days": (
        (
            lazy("day"), lazy("provider"), lazy("currency"), lazy("opening balance"), lazy("charged"),
            lazy("entered"), lazy("to confirm"), lazy("closing balance"), lazy("balance moved"),
            lazy("difference"), lazy("not reported yet"),
        ),
        _day_lines,
    ),
    "differences": (
        (
            lazy("order"), lazy("provider ID"), lazy("provider"), lazy("service"), lazy("link"), lazy("state"),
            lazy("client"), lazy("ordered"), lazy("currency"), lazy("full expected charge"), lazy("expected now"),
            lazy("charged"), lazy("difference"),
        ),
        _difference_lines,
    ),
    "clients": (
        (
            lazy("client"), lazy("provider"), lazy("currency"), lazy("orders"), lazy("still open"),
            lazy("expected"), lazy("charged"),
        ),
        _client_lines,
    ),
}  # fmt: skip
FORMS: Final[Mapping[str, Callable[..., HttpResponseBase]]] = {"csv": stream_csv, "xlsx": send_xlsx}


@require_safe
@permission_required(["orders.view_ledgerentry", "orders.view_cost", "orders.export_order"], raise_exception=True)
def export(request: HttpRequest, table: str, form: str) -> HttpResponseBase:
    """Show one of the page's tables as a CSV or a workbook."""
    period = _asked(request)
    if period.provider is None and not request.GET.get("provider") and table != "clients":
        # Days and differences are those of one provider; clients of all, whether one is shown or not.
        first = next(iter(visible_providers(request).providers), 0)
        period = replace(period, provider=Provider.objects.defer("api_key").filter(pk=first).first())
    if table not in TABLES or form not in FORMS or (period.provider is None and table != "clients"):
        raise Http404
    if period.form.errors:
        return redirect(f"{reverse('orders:money')}?{request.GET.urlencode()}")
    header, lines = TABLES[table]
    record(request.user, "money.exported", period.provider, f"{table}.{form}", request=request, query=period.query)
    whose = period.provider.name if period.provider else "all"
    name = f"{table}-{whose}-{period.since}-{period.until}"
    return FORMS[form](name, [str(word) for word in header], lines(request, period, period.provider))


# --- Entries --------------------------------------------------------------------------------------------------------


@require_POST
@permission_required("orders.add_ledgerentry", raise_exception=True)
def enter(request: HttpRequest) -> HttpResponse:
    """Enter money that moved outside orders."""
    wanted = request.POST.get("provider", "")
    provider = get_object_or_404(
        providers_for(request.user), pk=int(wanted) if wanted.isascii() and wanted.isdigit() else 0
    )
    form = EntryForm(request.POST)
    if form.is_valid():
        ledger.enter(provider, by=request.user, request=request, **form.cleaned_data)
        messages.success(request, _("Entry added."))
    else:
        for field, faults in form.errors.items():
            label = form.fields[field].label if field in form.fields else ""
            messages.error(request, f"{label}: {' '.join(map(str, faults))}")
    return redirect(f"{reverse('orders:money')}?{urlencode({'provider': provider.pk})}")


@require_POST
@permission_required("orders.change_ledgerentry", raise_exception=True)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a recognised top-up was one."""
    entry = get_object_or_404(seen_by(LedgerEntry.objects.all(), request.user), pk=pk)
    if ledger.confirm_entry(entry, by=request.user, request=request):
        messages.success(request, _("Confirmed. It now counts toward the balance."))
    else:
        messages.error(request, _("This entry is already confirmed."))
    return _back(entry)


@require_POST
@permission_required("orders.delete_ledgerentry", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an entry out."""
    entry = get_object_or_404(seen_by(LedgerEntry.objects.all(), request.user), pk=pk)
    if ledger.delete_entry(entry, by=request.user, request=request):
        messages.success(request, _("Entry deleted."))
    return _back(entry)


def _back(entry: LedgerEntry) -> HttpResponse:
    return redirect(f"{reverse('orders:money')}?{urlencode({'provider': entry.provider_id})}")
