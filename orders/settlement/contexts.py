"""What the panel that settles one unconfirmed row shows, and the list of all that is unconfirmed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders import statuses
from orders.models import Attempt, Order, Settlement, WindowSearch
from orders.permissions import granted_client_ids, seen_by
from orders.settlement.evidence import Evidence, evidence
from orders.settlement.id_confirmation import CONFIRMATIONS
from orders.settlement.search_jobs import Verdict, verdict_on
from orders.settlement.services import WITHOUT_ID
from orders.submission.call_types import CALL_TYPES, CallType, call_type_of, home_of, title_of
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import badge, format_count, format_money, format_when, money_text
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.utils.safestring import SafeString


KIND_OF: Final[Mapping[str, CallType]] = {kind.slug: kind for kind in CALL_TYPES}
VIEW_PRODUCTS: Final = "orders.view_productorder"
PATHS: Final = {"order": "provider_id", "product_order": "provider_id"}
MOST_SHOWN: Final = 200
TONES: Final = {"found": "good", "listed": "warn", "none": "neutral", "failed": "bad", "searching": "info"}
BALANCE_WORDS: Final = {
    "no_try": lazy("No attempt is recorded, so there is nothing to compare."),
    "no_reading": lazy("The balance hasn’t been read both before and after the call yet."),
    "no_price": lazy("The balance can’t confirm it: another price is unknown."),
    "too_small": lazy("The price is too small to show in this balance."),
    "other_amount": lazy("The balance changed by another amount, with no explanation."),
    "others_open": lazy("The balance can’t confirm it: other calls are unconfirmed too."),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence: its name, the value, and a short note."""

    name: str
    value: SafeString | str
    beside: SafeString | str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An id that answered, as the panel shows it."""

    id: str
    badge: SafeString
    charge: SafeString | str
    remains: str
    why: str
    fits: bool


def rows_for(user: Any, slug: str) -> QuerySet[Any]:
    """Return the rows of one kind that a person sees; raises ``KeyError`` for no kind."""
    kind = KIND_OF[slug]
    rows: QuerySet[Any] = kind.model.objects.all()
    if slug == "product_order" and not user.has_perm(VIEW_PRODUCTS):
        rows = rows.none()
    return seen_by(rows, user, path=PATHS.get(slug, "order__provider_id"))


def load_row(user: Any, slug: str, pk: int) -> QuerySet[Any]:
    """Return one row with what its panel needs of other tables."""
    rows = rows_for(user, slug).filter(pk=pk)
    if slug == "order":
        return rows.select_related("provider", "service__provider").defer("provider__api_key")
    if slug == "product_order":
        return rows.select_related("provider", "product").defer("provider__api_key")
    return rows.select_related("order__provider").defer("order__provider__api_key")


def build_panel(row: Any, *, user: Any) -> dict[str, Any]:
    """Return everything the panel of one row shows; a constant number of statements."""
    kind = call_type_of(row)
    now = timezone.now()
    settlements = list(
        Settlement.objects.filter(**{kind.subject: row}).exclude(way="second_seen").select_related("by")[:5]
    )
    waiting = next((one for one in settlements if one.state == Settlement.State.WAITING), None)
    search = WindowSearch.objects.filter(order=row).first() if isinstance(row, Order) else None
    context: dict[str, Any] = {
        "row": row,
        "kind": kind.slug,
        "title": title_of(row),
        "is_open": row.status == statuses.UNCONFIRMED,
        "waiting": waiting,
        "may_settle": user.has_perm("orders.settle_order"),
        "mark": mark_of(row, waiting, search),
        "last": settlements[0] if settlements else None,
        "url": reverse("orders:settle", args=[kind.slug, row.pk]),
        "home": home_of(row),
        "error": row.error if user.has_perm("orders.view_cost") else hide_amounts(row.error),
    }
    if not context["is_open"]:
        return context
    known = evidence(row)
    sees_cost = user.has_perm("orders.view_cost")
    context |= {
        "failed": next((one for one in settlements[:1] if one.state == Settlement.State.FAILED), None),
        "facts": list(_facts(known, sees_cost=sees_cost, now=now)),
        "between": [_between(attempt, now) for attempt in _visible_calls(known.between, user)],
        "opens": known.reopens_at if known.reopens_at and known.reopens_at > now else None,
        "has_id": kind.slug in CONFIRMATIONS,
        "without_id": kind.slug in WITHOUT_ID,
        "moves": bool(waiting) or (search is not None and search.finished_at is None),
    }
    if isinstance(row, Order):
        context |= _searched(row, search, known, sees_cost=sees_cost, now=now)
    return context


def mark_of(row: Any, waiting: Settlement | None, search: WindowSearch | None) -> str:
    """Return a short mark of what may change on the panel by itself."""
    shown = (row.status, waiting and (waiting.pk, waiting.asked), search and (search.pk, search.finished_at))
    return f"{zlib.crc32(repr(shown).encode()):x}"


def _facts(known: Evidence, *, sees_cost: bool, now: Any) -> Any:
    last = known.tries[-1] if known.tries else None
    yield Fact(_("Sent"), format_when(known.sent_at, now).html)
    if last is not None:
        http = f"HTTP {last.http_status}" if last.http_status else ""
        took = _("after %(seconds)s s") % {"seconds": f"{last.seconds:.1f}"} if last.seconds is not None else ""
        yield Fact(
            _("Response"),
            (last.detail if sees_cost else hide_amounts(last.detail)) or str(last.get_outcome_display()),
            " ".join(filter(None, (http, took))),
        )
    for seen in known.seen_ids:
        yield Fact(_("ID in the broken reply"), seen)
    if not sees_cost:
        return
    if known.expected is not None:
        yield Fact(_("Expected charge"), format_money(known.expected, known.currency))
    move = known.balance
    if move.before is not None:
        yield Fact(
            _("Balance before"), format_money(move.before, known.currency), format_when(move.before_at, now).html
        )
    if move.after is not None:
        yield Fact(_("Balance after"), format_money(move.after, known.currency), format_when(move.after_at, now).html)
    if move.others:
        yield Fact(_("Explained by other orders"), format_money(move.others, known.currency))
    if move.left is not None:
        yield Fact(_("Unexplained"), format_money(move.left, known.currency), _balance_sentence(known))
    elif move.open in BALANCE_WORDS and known.expected is not None:
        yield Fact(_("Balance"), "–", str(BALANCE_WORDS[move.open]))


def _balance_sentence(known: Evidence) -> str:
    if known.balance.charged is True:
        return _("Matches the order’s price. It was probably charged.")
    if known.balance.charged is False:
        return _("Doesn’t include the order’s price. It was probably not charged.")
    return str(BALANCE_WORDS.get(known.balance.open, ""))


def _visible_calls(calls: Sequence[Attempt], user: Any) -> Sequence[Attempt]:
    """Return those of ``calls`` that were made for clients whose orders ``user`` sees."""
    if granted_client_ids(user) is None or not calls:
        return calls
    visible = seen_by(Attempt.objects.filter(pk__in=[call.pk for call in calls]), user)
    keys = set(visible.values_list("pk", flat=True))
    return [call for call in calls if call.pk in keys]


def _between(attempt: Attempt, now: Any) -> dict[str, Any]:
    return {
        "action": attempt.action,
        "outcome": attempt.get_outcome_display(),
        "order": attempt.order_id,
        "id": attempt.seen_id,
        "when": format_when(attempt.started_at, now).html,
    }


def _searched(
    order: Order, search: WindowSearch | None, known: Evidence, *, sees_cost: bool, now: Any
) -> dict[str, Any]:
    verdict = verdict_on(order, search, known)
    one = verdict.fitting[0] if verdict.state == "found" else None
    return {
        "search": search,
        "searched": _search_words(search) if search is not None and search.finished_at else "",
        "searched_at": format_when(search.finished_at, now).html if search is not None else "",
        "verdict": verdict,
        "verdict_tone": TONES[verdict.state],
        "found": one["id"] if one else "",
        "candidates": [_candidate(found, order, sees_cost=sees_cost) for found in (*verdict.fitting, *verdict.others)],
        "can_search": order.provider.speaks.can(Action.status),
        "suggested": _suggest_reason(verdict, search),
    }


def _candidate(found: Mapping[str, Any], order: Order, *, sees_cost: bool) -> Candidate:
    shown = badge(found["status"] if found["status"] != "unknown" else found["word"])
    charge = found["charge"]
    return Candidate(
        id=found["id"],
        badge=shown.html,
        charge=money_text(_decimal(charge), found["currency"] or order.provider.currency) if sees_cost else "",
        remains=format_count(found["remains"]),
        why=found["why"],
        fits=found["fits"],
    )


def _decimal(text: str | None) -> Any:
    from decimal import Decimal

    return None if text is None else Decimal(text)


def _search_words(search: WindowSearch) -> str:
    if not search.calls:
        return ""
    if search.ranges:
        spans = ", ".join(f"{first}–{last}" for first, last in search.ranges)
        return _("Checked %(count)s IDs (%(spans)s) in %(calls)s calls.") % {
            "count": format_count(search.asked),
            "spans": spans,
            "calls": format_count(search.calls),
        }
    return _("Checked the ID in the broken reply.")


def _suggest_reason(verdict: Verdict, search: WindowSearch | None) -> str:
    if verdict.state != "none" or search is None or not search.asked:
        return ""
    return _("Not found among %(count)s nearby IDs.") % {"count": search.asked}


# --- The list of all that is unconfirmed ----------------------------------------------------------------------------


# --- Second purchases -----------------------------------------------------------------------------------------------
