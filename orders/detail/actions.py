"""Order page actions: those before the provider has the order, and the status check after.

Orders of services and of products have the same buttons: a :class:`PageActions` says what is behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from orders import statuses
from orders.placement.approval import mark_of, waits_for_another
from orders.placement.posted import has_another_price
from orders.placement.price_growth import growth_of, rate_now
from orders.placement.services import OrderInvalid, add_note
from orders.submission.call_types import home_of, title_of
from panelhub.audit.services import record
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS
from panelhub.ui.formatting import format_money
from providers.catalogue.seen_prices import mark_of_price


@dataclass(frozen=True, slots=True)
class PageActions:
    """One kind of order. ``slug`` begins its words in the audit record, ``check_task`` polls its provider."""

    slug: str
    visible: Callable[[Any], QuerySet[Any]]
    withdraw: Callable[..., bool]
    approve: Callable[..., bool]
    check_task: str
    change_permission: str = "orders.change_order"
    approve_permission: str = "orders.approve_order"

    def offers(self, order: Any, user: Any) -> dict[str, Any]:
        """Return which of the buttons ``user`` is shown, and to which price the one that lets it out agrees."""
        may_change = user.has_perm(self.change_permission)
        may_approve = order.status == statuses.HELD and user.has_perm(self.approve_permission)
        made_it = may_approve and waits_for_another(order, user)
        rate = rate_now(order) if may_approve else None
        return {
            "may_withdraw": order.status in statuses.UNSENT and may_change,
            "may_check": bool(order.external_id) and may_change,
            "may_approve": may_approve and not made_it,
            "made_it": made_it,
            "seen_rate": "" if rate is None else mark_of_price(rate),
            "price_now": format_money(rate, order.currency) if rate and user.has_perm("orders.view_cost") else "",
        }


def withdraw(request: HttpRequest, page_actions: PageActions, pk: int) -> HttpResponse:
    """Withdraw an order that is not sent yet, or one that is held since a late reply says it was accepted."""
    order = get_object_or_404(page_actions.visible(request.user), pk=pk)
    if page_actions.withdraw(order, by=request.user):
        record(request.user, f"{page_actions.slug}.withdrawn", order, request=request)
        if order.held_for == statuses.LATE_ANSWER:
            words = _("%(order)s withdrawn. It won’t be sent again. Its first attempt was accepted by the provider.")
        else:
            words = _("%(order)s withdrawn. Nothing was sent.")
        messages.success(request, words % {"order": title_of(order)})
    else:
        messages.error(
            request, _("%(order)s can’t be withdrawn. It has already been sent.") % {"order": title_of(order)}
        )
    return redirect(home_of(order))


def approve(request: HttpRequest, page_actions: PageActions, pk: int) -> HttpResponse:
    """Let a held order out, unless its price moved since it was looked at."""
    order = get_object_or_404(page_actions.visible(request.user), pk=pk)
    rate = rate_now(order) if order.status == statuses.HELD else None
    was_shown = bool(request.POST.get("seen_rate"))
    # Of what costs what was agreed to when it was ordered, nothing has to be shown.
    if rate is not None and (
        has_another_price(rate, request.POST, request.user) or not (was_shown or growth_of(order) == 1)
    ):
        words = _("The price of %(order)s changed. Review it again.")
        messages.error(request, words % {"order": title_of(order)})
        return redirect(home_of(order))
    try:
        moved = page_actions.approve(order, by=request.user)
    except OrderInvalid as refusal:
        messages.error(request, str(refusal))
    else:
        if moved:
            words, data = mark_of(request.user)
            record(request.user, f"{page_actions.slug}.approved", order, words, request=request, **data)
            messages.success(request, _("%(order)s is queued.") % {"order": title_of(order)})
        else:
            messages.error(request, _("%(order)s is no longer held.") % {"order": title_of(order)})
    return redirect(home_of(order))


def check(request: HttpRequest, page_actions: PageActions, pk: int) -> HttpResponse:
    """Have the provider queried about one order now, before its turn."""
    order = get_object_or_404(page_actions.visible(request.user), pk=pk)
    if order.external_id:
        notify_worker(page_actions.check_task, order.pk, queue=CLICKS)
        messages.info(
            request,
            _("Checking %(order)s with the provider. This page updates when it responds.") % {"order": title_of(order)},
        )
    else:
        messages.error(request, _("%(order)s has no provider ID to check.") % {"order": title_of(order)})
    return redirect(home_of(order))


def note(request: HttpRequest, page_actions: PageActions, pk: int) -> HttpResponse:
    """Write something down for colleagues."""
    order = get_object_or_404(page_actions.visible(request.user), pk=pk)
    try:
        add_note(order, by=request.user, text=request.POST.get("text", ""))
    except OrderInvalid as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Note added to %(order)s.") % {"order": title_of(order)})
    return redirect(home_of(order))
