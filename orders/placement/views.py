"""Ordering: find a service, fill in its form, look at it once more, place it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders.links import NoLink, read_link
from orders.links.sentences import describe_link_mends, describe_link_mismatch
from orders.models import Order
from orders.permissions import orders_for, services_for
from orders.placement.client_choice import choose_client
from orders.placement.form_tokens import TokenReused
from orders.placement.forms import OrderForm
from orders.placement.picker import describe_picker
from orders.placement.posted import has_another_price, rate_seen, read_key, read_token, undo_until
from orders.placement.quotes import quote_for, recent_twin, show_money
from orders.placement.service_rules import Rules, documentation_note, rules_of, unread_limits
from orders.placement.services import DuplicateLink, OrderInvalid, create_order
from orders.placement.spending_limits import LimitNotSet, is_limit_set, why_limit_unset
from orders.placement.validation import CONFIRM_LIMITS, check_fields
from panelhub.http.htmx import is_partial
from panelhub.ui.formatting import format_number
from panelhub.ui.widgets import PlainInput
from providers.catalogue.seen_prices import mark_of_price
from providers.models import Service

URLS: Final = {
    "form": reverse_lazy("orders:create"),
    "quote": reverse_lazy("orders:quote"),
    "choose": reverse_lazy("orders:create"),
    "schedule": reverse_lazy("orders:schedule_create"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.add_order", raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """Show one page for the whole way.

    GET shows the search for a service, or with ``service`` (or ``repeat``, an order's key) its
    form. POST places the order; with ``step=review`` it only shows what would be placed, with
    ``step=edit`` the form again.
    """
    if request.method == "POST":
        return _post(request)
    repeated = _repeated(request)
    service = repeated.service if repeated else find_service(request, request.GET.get("service", ""))
    if service is None:
        return _show_picker(request, request.GET, asked=bool(request.GET.get("service")))
    initial = _typed_before(repeated) if repeated else request.GET.dict()
    rules = rules_of(service)
    form = OrderForm(rules=rules, initial=initial)
    return show_form(request, rules, form, typed=initial, repeat_of=repeated.pk if repeated else "")


@require_POST
@permission_required("orders.add_order", raise_exception=True)
def quote(request: HttpRequest) -> HttpResponse:
    """Show the price of what is typed so far, as the part of the page that shows it."""
    service = find_service(request, request.POST.get("service", ""))
    if service is None:
        return HttpResponse(status=204)
    found = quote_for(rules_of(service), request.POST)
    odd = describe_link_mismatch(service, request.POST.get("link", ""))
    return render(
        request,
        "orders/placement/_quote.html",
        {"quote": found, "odd_link": odd, **show_money(request.user, found)},
    )


def _post(request: HttpRequest) -> HttpResponse:
    typed: QueryDict = request.POST
    service = find_service(request, typed.get("service", ""))
    if service is None:
        return _show_picker(request, typed, asked=True, status=422)
    rules = rules_of(service)
    step = typed.get("step", "")
    if step == "edit":
        return show_form(request, rules, OrderForm(rules=rules, initial=typed.dict()), typed=typed)
    may_raw = request.user.has_perm("orders.raw_order")
    try:
        if step == "review" or has_another_price(service.rate, typed, request.user) or _has_odd_link(service, typed):
            # What is to be confirmed is confirmed on the next page.
            if not is_limit_set(request.user):
                raise LimitNotSet
            check_fields(rules, {**typed.dict(), CONFIRM_LIMITS: "1"}, raw_allowed=may_raw)
            choose_client(request.user, typed.get("client_label", ""), make=False)
            return _show_review(request, rules, typed)
        order = create_order(
            user=request.user,
            service=service,
            fields=typed,
            form_token=read_token(typed),
            not_before=undo_until(),
            confirm_duplicate=bool(typed.get("confirm_duplicate")),
            raw_allowed=may_raw,
            note=typed.get("note", "")[:2_000],
            client_label=typed.get("client_label", ""),
            repeat_of=_find_order(request, typed.get("repeat_of", "")),
        )
    except OrderInvalid as refusal:
        form = OrderForm(typed, rules=rules)
        form.show_errors(refusal.errors)
        twin = refusal if isinstance(refusal, DuplicateLink) else None
        if isinstance(refusal, TokenReused):
            # What stands in the form now is another order.
            posted: QueryDict = typed.copy()
            posted["form_token"] = str(uuid.uuid4())
            typed = posted
        return show_form(request, rules, form, typed=typed, twin=twin, status=422)
    messages.info(request, _word_of(order))
    return redirect("orders:detail", pk=order.pk)


def _has_odd_link(service: Service, typed: QueryDict) -> bool:
    """Return whether the link may be of the wrong platform or kind,
    and whoever orders has not said that it is meant.
    """
    return not typed.get("confirm_link") and bool(describe_link_mismatch(service, typed.get("link", "")))


def _word_of(order: Order) -> str:
    """Return what happened so far: the page shows what the provider makes of it."""
    if order.status == "held":
        return _("Order #%(pk)s needs approval by another person.") % {"pk": order.pk}
    if order.not_before is not None:
        return _("Order #%(pk)s will be sent in a moment. You can still undo it.") % {"pk": order.pk}
    return _("Order #%(pk)s is queued.") % {"pk": order.pk}


def _show_picker(request: HttpRequest, typed: QueryDict, *, asked: bool, status: int = 200) -> HttpResponse:
    context = {"nav": "", "is_gone": asked, **describe_picker(request, typed)}
    if is_partial(request):
        return render(request, "orders/placement/picker.html#choices", context, status=status)
    context["unset"] = why_limit_unset(request.user)
    return render(request, "orders/placement/picker.html", context, status=status)


def show_form(
    request: HttpRequest,
    rules: Rules,
    form: OrderForm,
    *,
    typed: Mapping[str, Any],
    twin: DuplicateLink | None = None,
    repeat_of: Any = "",
    status: int = 200,
) -> HttpResponse:
    """Show the form of an order, with what was typed and what is wrong with it."""
    closed = why_limit_unset(request.user) or rules.closed
    quoted = quote_for(rules, typed)
    context = {
        "nav": "",
        "thing": rules.service,
        "tags": tags_of(rules.service),
        "form": form,
        "quote": quoted,
        "documentation": documentation_note(rules.service),
        "closed": closed,
        "hidden": [("service", rules.service.pk), *_if_any("repeat_of", typed.get("repeat_of") or repeat_of)],
        "form_token": read_token(typed) or uuid.uuid4(),
        "urls": URLS,
        "twin": twin.order if twin else None,
        "is_twin_hidden": twin is not None and twin.order is None,
        "confirm_duplicate": typed.get("confirm_duplicate"),
        "unread_limits": unread_limits(rules.service),
        "confirm_limits": typed.get(CONFIRM_LIMITS),
        "may_order": not closed and (rules.known or request.user.has_perm("orders.raw_order")),
        **show_money(request.user, quoted),
    }
    return render(request, "orders/placement/create.html", context, status=status)


def _show_review(request: HttpRequest, rules: Rules, typed: QueryDict) -> HttpResponse:
    form = OrderForm(typed, rules=rules)
    kept = {name: typed[name] for name in (*form.fields, "repeat_of") if typed.get(name)}
    link = typed.get("link", "")
    quoted = quote_for(rules, typed)
    context = {
        "nav": "",
        "thing": rules.service,
        "tags": tags_of(rules.service),
        "quote": quoted,
        "shown": describe_content(form, typed),
        "provider": rules.service.provider,
        "hidden": [("service", rules.service.pk), ("seen_rate", mark_of_price(rules.service.rate)), *kept.items()],
        "form_token": read_token(typed) or uuid.uuid4(),
        "urls": URLS,
        "documentation": documentation_note(rules.service),
        "twin": recent_twin(
            orders_for(request.user), provider_id=rules.service.provider_id, link=link, platform=rules.service.platform
        ),
        "odd_link": describe_link_mismatch(rules.service, link),
        "link_mends": describe_link_mends(link),
        "per": _("per 1,000"),
        "unread_limits": unread_limits(rules.service),
        "has_moved": has_another_price(rules.service.rate, typed, request.user),
        "old_rate": rate_seen(typed, request.user),
        **show_money(request.user, quoted),
    }
    return render(request, "orders/placement/review.html", context)


def describe_content(form: OrderForm, typed: Mapping[str, Any]) -> list[tuple[Any, str, bool]]:
    """Return what was typed as people read it: label, text, and whether it is long; what is empty is left out."""
    shown = [(field, _as_sent(field.name, typed.get(field.name, "").strip())) for field in (*form.asked, *form.more)]
    return [(field.label, text, "\n" in text or len(text) > 120) for field, text in _in_words(shown)]


def _as_sent(name: str, typed: str) -> str:
    """Return a field as it will be sent: a link may have been mended."""
    with suppress(NoLink):
        return read_link(typed).text if name == "link" else typed
    return typed


def _in_words(shown: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """Return what was chosen from a list in the words of the list; what was left empty not at all."""
    words = []
    for field, text in shown:
        choices = {str(value): str(label) for value, label in getattr(field.field.widget, "choices", ())}
        if text:
            # Thousands are parted where a person reads a number.
            is_number = text.isdecimal() and isinstance(field.field.widget, PlainInput) and field.name != "link"
            words.append((field, format_number(int(text)) if is_number else choices.get(text, text)))
    return words


def tags_of(service: Service) -> list[str]:
    """Return what a service offers, in short words."""
    flags = [(service.refill, _("Refill")), (service.cancel, _("Cancel")), (service.average_time, service.average_time)]
    return [word for is_there, word in flags if is_there]


def _if_any(name: str, value: Any) -> list[tuple[str, Any]]:
    return [(name, value)] if value else []


def find_service(request: HttpRequest, key: str) -> Service | None:
    """Return a service that a person may see, its provider loaded."""
    pk = read_key(key)
    if pk is None:
        return None
    # Those that are closed too: their form says why.
    visible = services_for(request.user).select_related("provider").defer("provider__api_key", "search_text")
    return visible.filter(pk=pk).first()


def _find_order(request: HttpRequest, key: str) -> Order | None:
    pk = read_key(key)
    return None if pk is None else orders_for(request.user).filter(pk=pk).first()


def _repeated(request: HttpRequest) -> Order | None:
    pk = read_key(request.GET.get("repeat", ""))
    if pk is None:
        return None
    visible = orders_for(request.user).filter(service__isnull=False)
    return visible.select_related("service__provider").defer("service__provider__api_key").filter(pk=pk).first()


def _typed_before(order: Order) -> dict[str, Any]:
    quantity = "" if order.quantity is None else str(order.quantity)
    kept = {"note": order.note, "client_label": order.client_label}
    return {"link": order.link, "quantity": quantity, **order.parameters, **kept}
