"""Ordering: find a service, fill in its form, look at it once more, place it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders.access import orders_for, services_for
from orders.checking import Rules, check_fields, documentation_note, rules_of
from orders.forms import OrderForm
from orders.models import HubRules, Order
from orders.placing import DuplicateLink, OrderInvalid, create_order
from orders.quoting import quote_for, recent_twin
from panelhub.htmx import is_partial
from providers.catalogue_page import choose_services
from providers.models import Service
from providers.sight import sight_of

MOST_CHOICES: Final = 20


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("orders.add_order", raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """One page for the whole way.

    GET shows the search for a service, or with ``service`` (or ``repeat``, an order's key) its
    form. POST places the order; with ``step=review`` it only shows what would be placed, with
    ``step=edit`` the form again.
    """
    if request.method == "POST":
        return _post(request)
    repeated = _repeated(request)
    service = repeated.service if repeated else _find_service(request, request.GET.get("service", ""))
    if service is None:
        return _show_picker(request, request.GET, asked=bool(request.GET.get("service")))
    initial = _typed_before(repeated) if repeated else request.GET.dict()
    rules = rules_of(service)
    form = OrderForm(rules=rules, initial=initial)
    return _show_form(request, rules, form, typed=initial, repeat_of=repeated.pk if repeated else "")


@require_POST
@permission_required("orders.add_order", raise_exception=True)
def quote(request: HttpRequest) -> HttpResponse:
    """The price of what is typed so far, as the part of the page that shows it."""
    service = _find_service(request, request.POST.get("service", ""))
    if service is None:
        return HttpResponse(status=204)
    found = quote_for(rules_of(service), request.POST)
    return render(request, "orders/create.html#quote", {"service": service, "quote": found, **_sees(request)})


def _post(request: HttpRequest) -> HttpResponse:
    typed = request.POST
    service = _find_service(request, typed.get("service", ""))
    if service is None:
        return _show_picker(request, typed, asked=True, status=422)
    rules = rules_of(service)
    step = typed.get("step", "")
    if step == "edit":
        return _show_form(request, rules, OrderForm(rules=rules, initial=typed.dict()), typed=typed)
    may_raw = request.user.has_perm("orders.raw_order")
    try:
        if step == "review" or _has_another_price(service, typed):
            check_fields(rules, typed, raw_allowed=may_raw)
            return _show_review(request, rules, typed)
        order = create_order(
            user=request.user,
            service=service,
            fields=typed,
            form_token=_read_token(typed),
            not_before=_pause(),
            confirm_duplicate=bool(typed.get("confirm_duplicate")),
            raw_allowed=may_raw,
            note=typed.get("note", "")[:2_000],
            client_label=typed.get("client_label", ""),
            repeat_of=_find_order(request, typed.get("repeat_of", "")),
        )
    except OrderInvalid as refusal:
        form = OrderForm(typed, rules=rules)
        form.show_errors(refusal.errors)
        twin = refusal.order if isinstance(refusal, DuplicateLink) else None
        return _show_form(request, rules, form, typed=typed, twin=twin, status=422)
    messages.success(request, _word_of(order))
    return redirect("orders:detail", pk=order.pk)


def _word_of(order: Order) -> str:
    if order.status == "held":
        return _("Order #%(pk)s is kept and waits for a second person.") % {"pk": order.pk}
    return _("Order #%(pk)s is accepted and will be sent.") % {"pk": order.pk}


def _show_picker(request: HttpRequest, typed: QueryDict, *, asked: bool, status: int = 200) -> HttpResponse:
    text = typed.get("q", "")
    sight = sight_of(request)
    context = {
        "nav": "",
        "q": text,
        "services": choose_services(sight, text, most=MOST_CHOICES),
        # What was typed for a service that is gone goes along to the next one.
        "kept": [(name, typed[name]) for name in ("link", "quantity") if typed.get(name)],
        "is_gone": asked,
        **_sees(request),
    }
    template = "orders/picker.html#choices" if is_partial(request) else "orders/picker.html"
    return render(request, template, context, status=status)


def _show_form(
    request: HttpRequest,
    rules: Rules,
    form: OrderForm,
    *,
    typed: Mapping[str, Any],
    twin: Order | None = None,
    repeat_of: Any = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "nav": "",
        "service": rules.service,
        "rules": rules,
        "form": form,
        "quote": quote_for(rules, typed),
        "documentation": documentation_note(rules.service),
        "form_token": _read_token(typed) or uuid.uuid4(),
        "repeat_of": typed.get("repeat_of") or repeat_of,
        "twin": twin,
        "confirm_duplicate": typed.get("confirm_duplicate"),
        "may_order": not rules.closed and (rules.known or request.user.has_perm("orders.raw_order")),
        **_sees(request),
    }
    return render(request, "orders/create.html", context, status=status)


def _show_review(request: HttpRequest, rules: Rules, typed: QueryDict) -> HttpResponse:
    form = OrderForm(typed, rules=rules)
    shown = [(field, typed.get(field.name, "").strip()) for field in (*form.asked, *form.more)]
    hidden = {name: typed[name] for name in (*form.fields, "repeat_of") if typed.get(name)}
    link = typed.get("link", "")
    context = {
        "nav": "",
        "service": rules.service,
        "quote": quote_for(rules, typed),
        "shown": [(field.label, text, "\n" in text or len(text) > 120) for field, text in _in_words(shown)],
        "hidden": list(hidden.items()),
        "form_token": _read_token(typed) or uuid.uuid4(),
        "documentation": documentation_note(rules.service),
        "twin": recent_twin(orders_for(request.user), provider_id=rules.service.provider_id, link=link),
        "old_rate": typed.get("seen_rate") if _has_another_price(rules.service, typed) else "",
        **_sees(request),
    }
    return render(request, "orders/review.html", context)


def _in_words(shown: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """What was chosen from a list in the words of the list; what was left empty not at all."""
    words = []
    for field, text in shown:
        choices = {str(value): str(label) for value, label in getattr(field.field.widget, "choices", ())}
        if text:
            words.append((field, choices.get(text, text)))
    return words


def _sees(request: HttpRequest) -> dict[str, bool]:
    return {"sees_cost": request.user.has_perm("orders.view_cost")}


def _find_service(request: HttpRequest, key: str) -> Service | None:
    if not _is_key(key):
        return None
    # Those that are closed too: their form says why.
    visible = services_for(request.user).select_related("provider").defer("provider__api_key", "search_text")
    return visible.filter(pk=int(key)).first()


def _find_order(request: HttpRequest, key: str) -> Order | None:
    return orders_for(request.user).filter(pk=int(key)).first() if _is_key(key) else None


def _repeated(request: HttpRequest) -> Order | None:
    key = request.GET.get("repeat", "")
    if not _is_key(key):
        return None
    visible = orders_for(request.user).filter(service__isnull=False)
    return visible.select_related("service__provider").defer("service__provider__api_key").filter(pk=int(key)).first()


def _typed_before(order: Order) -> dict[str, Any]:
    quantity = "" if order.quantity is None else str(order.quantity)
    kept = {"note": order.note, "client_label": order.client_label}
    return {"link": order.link, "quantity": quantity, **order.parameters, **kept}


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _read_token(typed: Mapping[str, Any]) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(typed.get("form_token", "")))
    except ValueError:
        return None


def _pause() -> Any:
    """Until when the order can be taken back; ``None`` when it goes out at once."""
    seconds = HubRules.load().undo_seconds
    return timezone.now() + timedelta(seconds=seconds) if seconds else None


def _has_another_price(service: Service, typed: Mapping[str, Any]) -> bool:
    """Whether the price moved between the last look and this click; a form without it was never shown one."""
    seen = str(typed.get("seen_rate", ""))
    if not seen:
        return False
    try:
        return Decimal(seen) != service.rate
    except InvalidOperation:
        return True
