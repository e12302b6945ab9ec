"""From the form of an order to a schedule of it: when it is made, looked at once more, and set up."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders.links.sentences import describe_link_mismatch
from orders.models import Schedule
from orders.permissions import orders_for
from orders.placement.form_tokens import TokenReused
from orders.placement.forms import OrderForm
from orders.placement.posted import has_another_price, read_token
from orders.placement.quotes import quote_for, recent_twin, show_money
from orders.placement.service_rules import Rules, rules_of, unread_limits
from orders.placement.validation import CONFIRM_LIMITS, OrderInvalid
from orders.placement.views import describe_content, find_service, show_form, tags_of
from orders.schedules.contexts import describe_repeat, upcoming_of
from orders.schedules.forms import TimingForm
from orders.schedules.services import check_content, create_schedule, first_slot
from panelhub.http.htmx import is_partial
from providers.catalogue.seen_prices import mark_of_price
from providers.models import Service

TIMES = frozenset({"start_date", "start_time", "until", "count"})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(["orders.add_order", "orders.add_schedule"], raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """Show when to make what was typed in the order form; with ``step=create`` the schedule is set up.

    The page sends itself as it is typed and gets the next times back.
    """
    typed: QueryDict = request.POST
    service = find_service(request, typed.get("service", "")) if request.method == "POST" else None
    if service is None:
        return redirect("orders:create")
    rules = rules_of(service)
    form = TimingForm(typed if "repeat" in typed else None, zone=typed.get("time_zone") or _last_zone(request.user))
    if is_partial(request):
        return render(request, "orders/schedules/_times.html", _preview(form, service, typed))
    may_raw = request.user.has_perm("orders.raw_order")
    try:
        check_content(request.user, service, {**typed.dict(), CONFIRM_LIMITS: "1"}, raw_allowed=may_raw)
    except OrderInvalid as refusal:
        order_form = OrderForm(typed, rules=rules)
        order_form.show_errors(refusal.errors)
        return show_form(request, rules, order_form, typed=typed, status=422)
    if typed.get("step") != "create":
        return _show(request, rules, form, typed)
    is_odd = bool(describe_link_mismatch(service, typed.get("link", ""))) and not typed.get("confirm_link")
    if not form.is_valid() or is_odd or has_another_price(service.rate, typed, request.user):
        return _show(request, rules, form, typed, status=422)
    try:
        schedule = create_schedule(
            user=request.user,
            service=service,
            fields=typed.dict(),
            timing=form.timing(),
            form_token=read_token(typed),
            raw_allowed=may_raw,
            note=typed.get("note", ""),
            client_label=typed.get("client_label", ""),
            request=request,
        )
    except OrderInvalid as refusal:
        for name, sentences in refusal.errors.items():
            form.add_error(name if name in TIMES else None, sentences)
        if isinstance(refusal, TokenReused):
            posted: QueryDict = typed.copy()
            posted["form_token"] = str(uuid.uuid4())
            typed = posted
        return _show(request, rules, form, typed, status=422)
    messages.success(request, _("Scheduled. You can pause, skip or end it at any time."))
    return redirect("orders:schedule_detail", pk=schedule.pk)


def _last_zone(user: Any) -> str:
    """Return the time zone of the schedule that a person set up last; "" for the first."""
    last = Schedule.objects.filter(person=user.pk).order_by("-id")
    return last.values_list("time_zone", flat=True).first() or ""


def _preview(form: TimingForm, service: Service, typed: QueryDict) -> dict[str, Any]:
    """Return the first times of what is typed so far, or what is wrong with them."""
    if not form.is_bound:
        form = TimingForm({**form.initial, "grace_hours": 1}, zone=form.initial["time_zone"])
    if not form.is_valid():
        return {"times": [], "repeat": "", "fault": ""}
    timing = form.timing()
    schedule = Schedule(
        service=service,
        fields={"quantity": typed.get("quantity", "")},
        **{name: getattr(timing, name) for name in timing.__slots__},
    )
    try:
        schedule.next_at = first_slot(schedule).at
    except OrderInvalid as refusal:
        return {"times": [], "repeat": "", "fault": str(refusal)}
    left = schedule.count if schedule.repeat == Schedule.Repeat.SPREAD else None
    total = schedule.quantity * left if left and schedule.quantity else None
    times = upcoming_of(schedule, timezone.now(), left=left)
    return {"times": times, "repeat": describe_repeat(schedule), "fault": "", "total": total}


def _show(request: HttpRequest, rules: Rules, form: TimingForm, typed: QueryDict, *, status: int = 200) -> HttpResponse:
    service, link = rules.service, typed.get("link", "")
    order_form = OrderForm(typed, rules=rules)
    quoted = quote_for(rules, typed)
    kept = [(name, typed[name]) for name in (*order_form.fields, "repeat_of") if typed.get(name)]
    context = {
        "nav": "schedules",
        "thing": service,
        "tags": tags_of(service),
        "form": form,
        "shown": describe_content(order_form, typed),
        "hidden": [("service", service.pk), ("seen_rate", mark_of_price(service.rate)), *kept],
        "form_token": read_token(typed) or uuid.uuid4(),
        "quote": quoted,
        "odd_link": describe_link_mismatch(service, link),
        "twin": recent_twin(
            orders_for(request.user), provider_id=service.provider_id, link=link, platform=service.platform
        ),
        "unread_limits": unread_limits(service),
        "has_moved": has_another_price(service.rate, typed, request.user),
        **_preview(form, service, typed),
        **show_money(request.user, quoted),
    }
    return render(request, "orders/schedules/create.html", context, status=status)
