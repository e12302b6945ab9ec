"""The timeline of an order's page: what happened, each API call, each refill and cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders.detail.history import EVENT, REFILL, TRY, Trace
from orders.listing.rows import words_beside
from orders.models import Attempt, OrderEvent
from orders.statuses import REFILL_OPEN
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import badge, format_when

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


# A state as something that happened, where its name alone does not say so.
STATE_WORDS: Final[Mapping[str, Any]] = {
    "held": lazy("Put on hold"),
    "sending": lazy("Sending to the provider"),
    "unconfirmed": lazy("No confirmation from the provider"),
    "rejected": lazy("Rejected by the provider"),
    "pending": lazy("Accepted by the provider"),
    "partial": lazy("Partially completed"),
}


OUTCOME_TONES: Final[Mapping[str, str]] = {
    "": "info",
    "accepted": "good",
    "refused": "bad",
    "postponed": "warn",
    "not_sent": "neutral",
    "unknown": "alert",
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
    """A refill or a cancel that was requested; ``kind`` and ``pk`` lead to what can still be done about it."""

    kind: str
    pk: int
    status: str
    what: str
    external_id: str
    badge: SafeString
    words: str
    when: SafeString


def describe_timeline(traces: Sequence[Trace], *, user: Any, now: datetime) -> dict[str, Any]:
    """Return the timeline, oldest first, the tries, and the notes of colleagues, as far as ``user`` may see them."""
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


def _line(event: Trace, now: datetime, plain: Callable[[str], str]) -> Line:
    icon, tone = EVENT_LOOKS.get(event.word, ("information-circle", "neutral"))
    text = KIND_WORDS.get(event.word, event.word)
    if event.word in {"state", "reopened"} and event.state:
        shown = badge(event.state)
        icon, tone, text = shown.icon, shown.tone, STATE_WORDS.get(event.state, shown.label)
        if event.word == "reopened":
            text = _("Reopened: %(state)s") % {"state": shown.label}
    elif event.word == "created":
        text = _("Order placed")
    elif event.state:
        text = f"{text}: {badge(event.state).label}"
    said = plain(words_beside(event.state, event.text, ""))
    text = str(text)
    return Line(icon, tone, text[:1].upper() + text[1:], event.by, said, format_when(event.at, now).html)


def _try(row: Trace, now: datetime, plain: Callable[[str], str], *, sees_excerpt: bool) -> Try:
    facts = [
        f"HTTP {row.http_status}" if row.http_status else "",
        _("after %(time)s") % {"time": _took(row.seconds)} if row.seconds is not None else "",
        _("ID seen: %(id)s") % {"id": row.external_id} if row.external_id else "",
        _("late ID: %(id)s") % {"id": row.late_id} if row.late_id else "",
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
        kind="refill" if row.table == REFILL else "cancellation",
        pk=row.pk,
        status=row.state,
        what=_("Refill") if row.table == REFILL else _("Cancel"),
        external_id=_("not trackable") if untracked else row.external_id,
        badge=badge(row.state).html,
        words=said if sees_cost else hide_amounts(said),
        when=format_when(row.at, now).html,
    )


@dataclass(frozen=True, slots=True)
class Note:
    """What a colleague wrote about an order."""

    text: str
    by: str
    when: SafeString
