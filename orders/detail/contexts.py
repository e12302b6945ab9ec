"""What the page of one order shows, put together in a fixed number of statements."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from orders.detail.history import CANCEL, EVENT, REFILL, TRY, Trace, read_traces
from orders.listing.rows import words_beside
from orders.models import Attempt, Order, OrderEvent, ProductOrder
from orders.polling.rounds import last_checked
from orders.statuses import LIVE, REFILL_OPEN
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

# Icon and tone of a line that is not about a state; a state's line looks like the state.
EVENT_LOOKS: Final[Mapping[str, tuple[str, str]]] = {
    "created": ("plus-circle", "neutral"),
    "attempt": ("paper-airplane", "info"),
    "charge": ("banknotes", "neutral"),
    "refill": ("arrow-path", "info"),
    "cancel": ("x-circle", "neutral"),
    "settled": ("hand-thumb-up", "good"),
    "reopened": ("arrow-uturn-left", "warn"),
    "note": ("chat-bubble-left", "neutral"),
    "goods": ("shopping-bag", "good"),
    "warning": ("exclamation-triangle", "warn"),
}
KIND_WORDS: Final[Mapping[str, Any]] = dict(OrderEvent.Kind.choices)
OUTCOME_TONES: Final[Mapping[str, str]] = {
    "": "info",
    "accepted": "good",
    "refused": "bad",
    "postponed": "warn",
    "not_sent": "neutral",
    "unknown": "alert",
}
HELD_WORDS: Final[Mapping[str, Any]] = {
    "second_person": lazy("It is large: a second person has to let it out."),
    "price_jump": lazy("The price jumped since it was ordered: somebody has to agree."),
    "late_answer": lazy("A late answer says that the first try was accepted: sending it again would buy it twice."),
    "restore": lazy("It was restored from a backup: somebody has to make sure that it was not sent already."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline: what, by whom, and the provider's own words."""

    icon: str
    tone: str
    text: str
    by: str
    words: str
    when: SafeString


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a paid call, with what came back."""

    action: str
    outcome: str
    tone: str
    detail: str
    facts: str
    excerpt: str
    by: str
    when: SafeString


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A refill or a cancel that was asked for."""

    what: str
    external_id: str
    badge: SafeString
    words: str
    when: SafeString


@dataclass(frozen=True, slots=True)
class Note:
    """What a colleague wrote about an order."""

    text: str
    by: str
    when: SafeString


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value; long ones are shown as a block."""

    name: str
    value: str
    is_long: bool = False


def load_order(visible: QuerySet[Order], pk: int) -> QuerySet[Order]:
    """The order with all that its page needs of other tables; nothing of a provider's key."""
    return (
        visible.filter(pk=pk)
        .select_related("service", "provider", "created_by", "approved_by")
        .defer("provider__api_key", "service__search_text", "service__description")
    )


def mark_of_order(order: Order) -> str:
    """A short mark of all on the page that may change by itself."""
    shown = (
        order.status, order.provider_status, order.start_count, order.remains, order.charge, order.external_id,
        order.error, order.held_for, order.tries, order.moved_at, _waits_for(order, timezone.now()) > 0,
    )  # fmt: skip
    return f"{order.pk}:{zlib.crc32(repr(shown).encode()):x}"


def build_page(order: Order, *, user: Any) -> dict[str, Any]:
    """Everything of the page that changes with the order; one statement, and one more while it is asked about."""
    now = timezone.now()
    sees_cost = user.has_perm("orders.view_cost")
    shown = badge(order.status, large=True)
    traces = read_traces(order.pk)
    return {
        **tell_state(order, now=now, sees_cost=sees_cost),
        **tell_story(traces, user=user, now=now),
        "mark": mark_of_order(order) if order.status in LIVE else "",
        "progress": _progress(order, shown),
        "figures": _figures(order, sees_cost=sees_cost),
        "follow_ups": [_follow_up(row, now, sees_cost=sees_cost) for row in traces if row.table in {REFILL, CANCEL}],
        "parameters": parameters_of(order),
        "asked": format_when(at, now).html if order.status in LIVE and (at := last_checked(order)) else "",
        "sees_cost": sees_cost,
    }


def tell_state(order: Order | ProductOrder, *, now: datetime, sees_cost: bool) -> dict[str, Any]:
    """How an order stands, of a service or of a product: its state, what goes with it, and why it waits."""
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
    """A length of time that a script counts down: it is told the pattern, with a nought for the seconds."""
    return format_html('<b data-left="{}">{}</b>', describe_span(0), describe_span(seconds))


def tell_story(traces: Sequence[Trace], *, user: Any, now: datetime) -> dict[str, Any]:
    """The timeline, oldest first, the tries, and the notes of colleagues, as far as ``user`` may see them."""
    sees_cost = user.has_perm("orders.view_cost")
    # A raw reply holds charges and balances.
    sees_excerpt = sees_cost and user.has_perm("orders.settle_order")
    plain = str if sees_cost else hide_amounts
    return {
        "lines": [
            _line(row, now, plain)
            for row in reversed(traces)
            if row.table == EVENT and (sees_cost or row.word != OrderEvent.Kind.CHARGE)
        ],
        "tries": [_try(row, now, plain, sees_excerpt=sees_excerpt) for row in traces if row.table == TRY],
        "notes": [
            Note(row.text, row.by, format_when(row.at, now).html)
            for row in reversed(traces)
            if row.table == EVENT and row.word == OrderEvent.Kind.NOTE
        ],
    }


def parameters_of(order: Order) -> list[Fact]:
    """The other parameters, under the names the order's type gives them."""
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
        total=order.quantity or order.billed_quantity,
        remains=order.remains,
        tone=shown.tone,
        start_count=order.start_count,
        large=True,
    )
    return bar.html if bar else ""


def _figures(order: Order, *, sees_cost: bool) -> list[tuple[str, SafeString | str]]:
    """The figures at the top: what was ordered, what the provider says of it, and what it costs."""
    figures: list[tuple[str, SafeString | str]] = [
        (_("Quantity"), format_count(order.quantity if order.quantity is not None else order.billed_quantity)),
        (_("Start count"), format_count(order.start_count)),
        (_("Remains"), format_count(order.remains)),
    ]
    if sees_cost:
        figures.append((_("Charge"), tell_charge(order)))
    return figures


def tell_charge(order: Order | ProductOrder) -> SafeString:
    """What the provider charged; beside it what was expected, where that is another amount or all there is."""
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


def tell_outcome(order: Order | ProductOrder, *, sees_cost: bool) -> Iterator[tuple[str, SafeString | str]]:
    """What came of an order that has ended otherwise than in full: delivered, charged, expected back."""
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
        yield _("Beyond the order"), format_count(outcome.surplus)
    if not sees_cost:
        return
    if outcome.charged is not None:
        yield _("Charged"), format_money(outcome.charged, outcome.currency)
    if outcome.back:
        yield _("Expected back"), format_money(outcome.back, outcome.currency)
    if outcome.owed:
        yield _("Not given back yet"), format_money(outcome.owed, outcome.currency)


def _line(event: Trace, now: datetime, plain: Callable[[str], str]) -> Line:
    icon, tone = EVENT_LOOKS.get(event.word, ("information-circle", "neutral"))
    text = KIND_WORDS.get(event.word, event.word)
    if event.word in {"state", "reopened"} and event.state:
        shown = badge(event.state)
        icon, tone, text = shown.icon, shown.tone, shown.label
        if event.word == "reopened":
            text = _("Reopened: %(state)s") % {"state": shown.label}
    elif event.word == "created":
        text = _("Ordered")
    elif event.state:
        text = f"{text}: {badge(event.state).label}"
    said = plain(words_beside(event.state, event.text, ""))
    text = str(text)
    return Line(icon, tone, text[:1].upper() + text[1:], event.by, said, format_when(event.at, now).html)


def _try(row: Trace, now: datetime, plain: Callable[[str], str], *, sees_excerpt: bool) -> Try:
    facts = [
        f"HTTP {row.http_status}" if row.http_status else "",
        _("after %(time)s") % {"time": _took(row.seconds)} if row.seconds is not None else "",
        _("id seen: %(id)s") % {"id": row.external_id} if row.external_id else "",
        _("id that came late: %(id)s") % {"id": row.late_id} if row.late_id else "",
    ]
    return Try(
        action=row.word,
        outcome=str(Attempt.Outcome(row.state).label),
        tone=OUTCOME_TONES.get(row.state, "neutral"),
        detail=plain(row.text),
        facts=" · ".join(fact for fact in facts if fact),
        excerpt=row.excerpt if sees_excerpt else "",
        by=row.by,
        when=format_when(row.at, now).html,
    )


def _took(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _follow_up(row: Trace, now: datetime, *, sees_cost: bool) -> FollowUp:
    said = words_beside(row.state, row.word, row.text)
    untracked = row.table == REFILL and row.state in REFILL_OPEN and not row.external_id
    return FollowUp(
        what=_("Refill") if row.table == REFILL else _("Cancel"),
        external_id=_("not trackable") if untracked else row.external_id,
        badge=badge(row.state).html,
        words=said if sees_cost else hide_amounts(said),
        when=format_when(row.at, now).html,
    )


def _waits_for(order: Order | ProductOrder, now: datetime) -> float:
    """How many seconds a queued order still waits before it may be sent; nought when it does not."""
    if order.status != "queued" or order.not_before is None:
        return 0.0
    return max(0.0, (order.not_before - now).total_seconds())
