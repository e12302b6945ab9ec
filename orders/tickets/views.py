"""Write to providers about selected orders, and the tickets that were opened."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from orders.listing.views.bulk import selected_orders
from orders.models import Ticket, TicketOrder
from orders.permissions import orders_for
from orders.placement.posted import read_token
from orders.tickets import services
from orders.tickets.contexts import NEWEST, PAGE_SIZE, TABS, describe_ticket, preview_of, rows_of
from panelhub.ui.pagination import address, take_page
from panelhub.ui.widgets import PlainInput, PlainSelect
from providers.permissions import visible_providers

WRITE: Final = ("orders.view_order", "orders.change_order")


class TicketForm(forms.Form):
    """What is requested, and when its author is reminded."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=lazy("Request"), choices=Ticket.Kind.choices, widget=PlainSelect)
    remind_days = forms.IntegerField(
        label=lazy("Remind me in … days"),
        min_value=0,
        max_value=services.MOST_DAYS,
        initial=services.REMIND_DAYS,
        help_text=lazy("0 for no reminder."),
        widget=PlainInput(attrs={"inputmode": "numeric", "class": "number", "autocomplete": "off"}),
    )


@require_POST
@permission_required(WRITE, raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """Show the text for each provider of the selected orders; with ``step=create`` the tickets are opened."""
    back = f"{reverse('orders:list')}?{request.POST.get('filter', '')}".rstrip("?")
    orders = selected_orders(request)
    if orders is None:
        messages.error(request, _("Select at least one order."))
        return redirect(back)
    is_sent = request.POST.get("step") == "create"
    form = TicketForm(request.POST if is_sent else None, initial={"kind": Ticket.Kind.SPEED_UP})
    if is_sent and form.is_valid():
        try:
            made = services.open_tickets(
                orders,
                kind=form.cleaned_data["kind"],
                by=request.user,
                form_token=read_token(request.POST) or uuid.uuid4(),
                remind_days=form.cleaned_data["remind_days"],
                request=request,
            )
        except services.NotNow as reason:
            messages.error(request, str(reason))
            return redirect(back)
        messages.success(request, _("Noted on the orders. Copy the text into the provider’s support form."))
        if len(made) == 1:
            return redirect("orders:ticket", pk=made[0].pk)
        return redirect(f"{reverse('orders:tickets')}?status=open")
    preview = preview_of(orders)
    if not preview:
        messages.error(request, _("None of these orders has a provider ID."))
        return redirect(back)
    context = {
        "nav": "tickets",
        "form": form,
        "form_token": read_token(request.POST) or uuid.uuid4(),
        "preview": preview,
        "back": back,
        "kept": [(name, request.POST[name]) for name in ("matching", "filter") if request.POST.get(name)],
        "ids": ",".join(request.POST.getlist("ids")),
    }
    return render(request, "orders/tickets/create.html", context, status=422 if is_sent else 200)


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def show_list(request: HttpRequest) -> HttpResponse:
    """Show the tickets at the providers that the reader sees, newest first."""
    status = request.GET.get("status", "")
    status = status if status in TABS else ""
    rows = _visible(request)
    page = take_page(
        rows.filter(answered_at__isnull=status == "open") if status else rows,
        sort=NEWEST,
        size=PAGE_SIZE,
        parameters=request.GET,
        shape=lambda queryset: queryset.select_related("provider", "created_by").defer("provider__api_key"),
        cursor_of=lambda ticket: [ticket.pk],
    )
    here = QueryDict(f"status={status}" if status else "")
    tabs = [
        {"label": label, "url": address(here, {"status": slug or None}), "current": slug == status}
        for slug, label in TABS.items()
    ]
    context = {"nav": "tickets", "rows": rows_of(page.rows, timezone.now()), "page": page, "tabs": tabs}
    return render(request, "orders/tickets/list.html", context)


@require_safe
@permission_required("orders.view_order", raise_exception=True)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one ticket: the text to copy, its orders, and whether it was answered."""
    context = {"nav": "tickets", **describe_ticket(_find(request, pk)), "may": request.user.has_perms(WRITE)}
    return render(request, "orders/tickets/detail.html", context)


@require_POST
@permission_required(WRITE, raise_exception=True)
def act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Mark a ticket as answered, or be reminded of it later."""
    ticket = _find(request, pk)
    try:
        if step == "answer":
            services.answer_ticket(ticket, by=request.user, answer=request.POST.get("answer", ""), request=request)
            messages.success(request, _("Marked as answered."))
        else:
            services.remind_again(ticket, days=services.REMIND_DAYS, by=request.user, request=request)
            messages.success(request, _("You’ll be reminded in two days."))
    except services.NotNow as reason:
        messages.error(request, str(reason))
    return redirect("orders:ticket", pk=ticket.pk)


def _visible(request: HttpRequest) -> Any:
    visible = visible_providers(request)
    rows = visible.narrow(Ticket.objects.all(), "provider_id")
    if visible.clients is None:
        return rows
    # Whoever is limited to clients sees a ticket if it is about their orders alone.
    hidden = TicketOrder.objects.exclude(order__in=orders_for(request.user)).filter(ticket=OuterRef("pk"))
    return rows.filter(~Exists(hidden))


def _find(request: HttpRequest, pk: int) -> Ticket:
    rows = _visible(request).select_related("provider", "created_by", "answered_by").defer("provider__api_key")
    found: Ticket = get_object_or_404(rows, pk=pk)
    return found
