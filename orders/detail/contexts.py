"""What the page of one order shows, put together in a fixed number of statements."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders import order_types, statuses
from orders.accounting.delivery import outcome_of
from orders.detail.history import CANCEL, REFILL, read_traces
from orders.detail.timeline import _follow_up, describe_timeline
from orders.listing.rows import words_beside
from orders.models import Order, ProductOrder
from orders.polling.rounds import last_checked
from orders.statuses import LIVE
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import (
    Badge,
    badge,
    describe_span,
    format_count,
    format_money,
    format_progress,
    format_when,
    plain_money,
)

HELD_WORDS: Final[Mapping[str, Any]] = {
    "second_person": lazy("This is a large order. Another person has to approve it."),
    "price_jump": lazy("The price jumped after it was ordered. Approve the new price to send it."),
    "late_answer": lazy("A late reply shows the first attempt was accepted. Sending it again would buy it twice."),
    "restore": lazy("It was restored from a backup. Make sure it wasn’t already sent."),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value; long ones are shown as a block."""

    name: str
    value: str
    is_long: bool = False


def load_order(visible: QuerySet[Order], pk: int) -> QuerySet[Order]:
    """Return the order with all that its page needs of other tables; nothing of a provider's key."""
    return (
        visible.filter(pk=pk)
        .select_related("service", "provider", "created_by", "approved_by", "scheduled_run")
        .select_related("refill_window__set_by", "refill_window__rule_by")
        .defer("provider__api_key", "service__search_text", "service__description")
    )


def mark_of_order(order: Order) -> str:
    """Return a short mark of all on the page that may change by itself."""
    shown = (
        order.status, order.provider_status, order.start_count, order.remains, order.charge, order.external_id,
        order.error, order.held_for, order.tries, order.moved_at, _waits_for(order, timezone.now()) > 0,
    )  # fmt: skip
    return f"{order.pk}:{zlib.crc32(repr(shown).encode()):x}"


def build_page(order: Order, *, user: Any) -> dict[str, Any]:
    """Return everything of the page that changes with the order; one statement, and one more while it is polled."""
    now = timezone.now()
    sees_cost = user.has_perm("orders.view_cost")
    shown = badge(order.status, large=True)
    traces = read_traces(order.pk)
    return {
        **describe_state(order, now=now, sees_cost=sees_cost),
        **describe_timeline(traces, user=user, now=now),
        "mark": mark_of_order(order) if order.status in LIVE else "",
        "progress": _progress(order, shown),
        "figures": _figures(order, sees_cost=sees_cost),
        "follow_ups": [_follow_up(row, now, sees_cost=sees_cost) for row in traces if row.table in {REFILL, CANCEL}],
        "parameters": parameters_of(order),
        "asked": format_when(at, now).html if order.status in LIVE and (at := last_checked(order)) else "",
        "sees_cost": sees_cost,
    }


def describe_state(order: Order | ProductOrder, *, now: datetime, sees_cost: bool) -> dict[str, Any]:
    """Return how an order stands, of a service or of a product: its state, what goes with it, and why it waits."""
    error = order.error if sees_cost else hide_amounts(order.error)
    waits = ceil(_waits_for(order, now))
    return {
        "order": order,
        "badge": badge(order.status, large=True),
        "words": words_beside(order.status, order.provider_status, error),
        "error": error,
        "held_words": HELD_WORDS.get(order.held_for, ""),
        "waits_seconds": waits,
        "waits_until": _span_to_count(waits) if waits else "",
        "created": format_when(order.created_at, now).html,
    }


def _span_to_count(seconds: int) -> SafeString:
    """Return a length of time that a script counts down: it gets the pattern, with a zero for the seconds."""
    return format_html('<b data-left="{}">{}</b>', describe_span(0), describe_span(seconds))


def parameters_of(order: Order) -> list[Fact]:
    """Return the other parameters, under the names the order's type gives them."""
    known = order_types.order_type(order.service.type) if order.service else None
    labels = {
        parameter.name: parameter
        for parameter in (*(known.parameters if known else ()), order_types.RUNS, order_types.INTERVAL)
    }
    facts = []
    for name, value in order.parameters.items():
        parameter = labels.get(name)
        text = str(value)
        if parameter and parameter.choices:
            text = str(dict(parameter.choices).get(text, text))
        facts.append(Fact(str(parameter.label) if parameter else str(name), text, "\n" in text or len(text) > 120))
    return facts


def _progress(order: Order, shown: Badge) -> SafeString | str:
    bar = format_progress(
        # A drip-feed is as many as all its runs.
        total=order.billed_quantity or order.quantity,
        remains=order.remains,
        tone=shown.tone,
        start_count=order.start_count,
        large=True,
    )
    return bar.html if bar else ""


def describe_quantity(order: Order) -> SafeString | str:
    """Return the quantity of an order; of a drip-feed its runs as well: "3 × 100, every 10 min = 300"."""
    runs, interval = (str(order.parameters.get(name) or "") for name in ("runs", "interval"))
    if order.quantity is None or not runs.isdecimal() or int(runs) < 2:
        return format_count(order.quantity if order.quantity is not None else order.billed_quantity)
    return _("%(runs)s × %(quantity)s, every %(interval)s min = %(whole)s") % {
        "runs": format_count(int(runs)),
        "quantity": format_count(order.quantity),
        "interval": interval or "?",
        "whole": format_count(order.billed_quantity or order.quantity * int(runs)),
    }


def _figures(order: Order, *, sees_cost: bool) -> list[tuple[str, SafeString | str]]:
    """Return the figures at the top: what was ordered, what the provider says of it, and what it costs."""
    figures: list[tuple[str, SafeString | str]] = [
        (_("Quantity"), describe_quantity(order)),
        (_("Start count"), format_count(order.start_count)),
        (_("Remains"), format_count(order.remains)),
    ]
    if sees_cost:
        figures.append((_("Charge"), describe_charge(order)))
    return figures


def describe_charge(order: Order | ProductOrder) -> SafeString:
    """Return what the provider charged, and what was expected, where that is another amount or all there is."""
    if order.charge is None:
        expected = format_money(order.expected_charge, order.currency)
        return format_html('{} <span class="more">{}</span>', expected, _("expected"))
    if order.expected_charge is None or order.expected_charge == order.charge:
        return format_money(order.charge, order.currency)
    return format_html(
        '{} <span class="more">{}</span>',
        format_money(order.charge, order.currency),
        _("expected %(amount)s") % {"amount": plain_money(order.expected_charge)},
    )


def describe_result(order: Order | ProductOrder, *, sees_cost: bool) -> Iterator[tuple[str, SafeString | str]]:
    """Yield the figures of an order that ended short of full delivery: delivered, charged, expected back."""
    outcome = outcome_of(order)
    if order.status not in statuses.FINAL or (order.status == "completed" and not outcome.surplus):
        return
    if outcome.delivered is not None and outcome.ordered is not None:
        share = _("%(delivered)s of %(ordered)s") % {
            "delivered": format_count(outcome.delivered),
            "ordered": format_count(outcome.ordered),
        }
        yield _("Delivered"), share
    if outcome.surplus:
        yield _("Over-delivered"), format_count(outcome.surplus)
    if not sees_cost:
        return
    if outcome.charged is not None:
        yield _("Charged"), format_money(outcome.charged, outcome.currency)
    if outcome.back:
        yield _("Expected refund"), format_money(outcome.back, outcome.currency)
    if outcome.owed:
        yield _("Refund outstanding"), format_money(outcome.owed, outcome.currency)


def _waits_for(order: Order | ProductOrder, now: datetime) -> float:
    """Return how many seconds a queued order still waits before it may be sent; zero when it does not."""
    if order.status != "queued" or order.not_before is None:
        return 0.0
    return max(0.0, (order.not_before - now).total_seconds())
