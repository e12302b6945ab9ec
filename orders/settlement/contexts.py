"""What the panel that settles one unconfirmed row shows, and the list of all that is unconfirmed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders import statuses
from orders.models import Attempt, Order, ProductOrder, Settlement, WindowSearch
from orders.permissions import seen_by
from orders.settlement.adoption import CONFIRMATIONS
from orders.settlement.evidence import Evidence, evidence, kind_of, provider_of
from orders.settlement.search_jobs import Verdict, verdict_on
from orders.settlement.services import WITHOUT_ID
from orders.submission.call_types import KINDS, ORDERS, Kind
from orders.submission.results import LATE_ANSWER
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import badge, format_count, format_money, format_when, money_text
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.utils.safestring import SafeString


KIND_OF: Final[Mapping[str, Kind]] = {kind.slug: kind for kind in KINDS}
PATHS: Final = {"order": "provider_id", "product_order": "provider_id"}
MOST_SHOWN: Final = 200
TONES: Final = {"found": "good", "listed": "warn", "none": "neutral", "failed": "bad", "searching": "info"}
BALANCE_WORDS: Final = {
    "no_try": lazy("No try is recorded, so there is nothing to compare."),
    "no_reading": lazy("The balance has not been read before and after the call yet."),
    "no_price": lazy("A price in between is not known, so the balance cannot tell."),
    "other_amount": lazy("The balance moved by another amount, which nothing explains."),
    "others_open": lazy("Other calls in between are unconfirmed too, so the balance cannot tell which was charged."),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence: its name, the value, and a word beside it."""

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
    """The rows of one kind that a person sees; raises ``KeyError`` for no kind."""
    kind = KIND_OF[slug]
    return seen_by(kind.model.objects.all(), user, path=PATHS.get(slug, "order__provider_id"))


def load_row(user: Any, slug: str, pk: int) -> QuerySet[Any]:
    """One row with what its panel needs of other tables."""
    rows = rows_for(user, slug).filter(pk=pk)
    if slug == "order":
        return rows.select_related("provider", "service__provider").defer("provider__api_key")
    if slug == "product_order":
        return rows.select_related("provider", "product").defer("provider__api_key")
    return rows.select_related("order__provider").defer("order__provider__api_key")


def home_of(row: Any) -> str:
    """The address of the page a row belongs to: its own, or its order's."""
    if isinstance(row, Order):
        return reverse("orders:detail", args=[row.pk])
    if isinstance(row, ProductOrder):
        return reverse("orders:product_detail", args=[row.pk])
    return reverse("orders:detail", args=[row.order_id])


def title_of(row: Any) -> str:
    """A row as a heading."""
    if isinstance(row, Order):
        return _("Order #%(pk)s") % {"pk": row.pk}
    if isinstance(row, ProductOrder):
        return _("Product order #%(pk)s") % {"pk": row.pk}
    name = _("Refill of order #%(pk)s") if kind_of(row).slug == "refill" else _("Cancel of order #%(pk)s")
    return name % {"pk": row.order_id}


def build_panel(row: Any, *, user: Any) -> dict[str, Any]:
    """Everything the panel of one row shows; a constant number of statements."""
    kind = kind_of(row)
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
        "between": [_between(attempt, now) for attempt in known.between],
        "opens": known.reopens_at if known.reopens_at and known.reopens_at > now else None,
        "has_id": kind.slug in CONFIRMATIONS,
        "without_id": kind.slug in WITHOUT_ID,
        "moves": bool(waiting) or (search is not None and search.finished_at is None),
    }
    if isinstance(row, Order):
        context |= _searched(row, search, known, sees_cost=sees_cost, now=now)
    return context


def mark_of(row: Any, waiting: Settlement | None, search: WindowSearch | None) -> str:
    """A short mark of what may change on the panel by itself."""
    shown = (row.status, waiting and (waiting.pk, waiting.asked), search and (search.pk, search.finished_at))
    return f"{zlib.crc32(repr(shown).encode()):x}"


def _facts(known: Evidence, *, sees_cost: bool, now: Any) -> Any:
    last = known.tries[-1] if known.tries else None
    yield Fact(_("Sent"), format_when(known.sent_at, now).html)
    if last is not None:
        http = f"HTTP {last.http_status}" if last.http_status else ""
        took = _("after %(seconds)s s") % {"seconds": f"{last.seconds:.1f}"} if last.seconds is not None else ""
        yield Fact(
            _("What came back"),
            (last.detail if sees_cost else hide_amounts(last.detail)) or str(last.get_outcome_display()),
            " ".join(filter(None, (http, took))),
        )
    for seen in known.seen_ids:
        yield Fact(_("Id in the broken reply"), seen)
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
        yield Fact(_("Left unexplained"), format_money(move.left, known.currency), _balance_sentence(known))
    elif move.open in BALANCE_WORDS and known.expected is not None:
        yield Fact(_("Balance"), "–", str(BALANCE_WORDS[move.open]))


def _balance_sentence(known: Evidence) -> str:
    if known.balance.charged is True:
        return _("This is the order's price: it was probably charged.")
    if known.balance.charged is False:
        return _("The order's price is not in it: it was probably not charged.")
    return str(BALANCE_WORDS.get(known.balance.open, ""))


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
        return _("Asked about %(count)s ids (%(spans)s) in %(calls)s calls.") % {
            "count": format_count(search.asked),
            "spans": spans,
            "calls": format_count(search.calls),
        }
    return _("Asked about the id the broken reply named.")


def _suggest_reason(verdict: Verdict, search: WindowSearch | None) -> str:
    if verdict.state != "none" or search is None or not search.asked:
        return ""
    return _("Not found among %(count)s neighbouring ids.") % {"count": search.asked}


# --- The list of all that is unconfirmed ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unsettled:
    """One row of the list; ``found`` is the id a search is sure of, ``words`` what is known of it."""

    kind: str
    what: str
    pk: int
    title: str
    provider: str
    words: str
    charge: SafeString | str
    when: SafeString
    url: str
    state: str = ""
    tone: str = "neutral"
    found: str = ""


WHAT: Final = {
    "order": lazy("Order"),
    "product_order": lazy("Product order"),
    "refill": lazy("Refill"),
    "cancellation": lazy("Cancel"),
}


def list_unconfirmed(user: Any) -> dict[str, Any]:
    """All that is unconfirmed, oldest first, and what may have been bought twice; a constant number of statements."""
    now = timezone.now()
    sees_cost = user.has_perm("orders.view_cost")
    rows: list[tuple[Any, Unsettled]] = []
    left = 0
    for slug in KIND_OF:
        found = list(_unconfirmed_of(user, slug)[: MOST_SHOWN + 1])
        left += max(0, len(found) - MOST_SHOWN)
        searches = _latest_searches(found) if slug == "order" else {}
        waiting = _waiting(slug, found)
        for row in found[:MOST_SHOWN]:
            rows.append(
                (
                    row.created_at,
                    _unsettled(slug, row, searches.get(row.pk), waiting.get(row.pk), now, sees_cost=sees_cost),
                )
            )
    rows.sort(key=lambda pair: pair[0])
    return {
        "rows": [row for _at, row in rows],
        "is_cut": bool(left),
        "twice": [_second_purchase(attempt, now) for attempt in second_purchases(user)[:MOST_SHOWN]],
        "sees_cost": sees_cost,
        "may_settle": user.has_perm("orders.settle_order"),
    }


def _unconfirmed_of(user: Any, slug: str) -> QuerySet[Any]:
    rows = rows_for(user, slug).filter(status=statuses.UNCONFIRMED).order_by("id")
    if slug in PATHS:
        return rows.select_related("provider").defer("provider__api_key")
    return rows.select_related("order__provider").defer("order__provider__api_key")


def _latest_searches(orders: Sequence[Order]) -> dict[int, WindowSearch]:
    if not orders:
        return {}
    searches = WindowSearch.objects.filter(order__in=orders).defer("ranges").order_by("id")
    return {search.order_id: search for search in searches}


def _waiting(slug: str, rows: Sequence[Any]) -> dict[int, Settlement]:
    if not rows:
        return {}
    subject = KIND_OF[slug].subject
    waiting = Settlement.objects.filter(**{f"{subject}__in": rows}, state=Settlement.State.WAITING)
    return {getattr(one, f"{subject}_id"): one for one in waiting}


def _unsettled(
    slug: str, row: Any, search: WindowSearch | None, waiting: Settlement | None, now: Any, *, sees_cost: bool
) -> Unsettled:
    provider = provider_of(row)
    state, tone, found = "", "neutral", ""
    if waiting is not None:
        state, tone = _("being confirmed as %(id)s") % {"id": waiting.external_id}, "info"
    elif slug == "order":
        state, tone, found = _search_state(search)
    expected = getattr(row, "expected_charge", None)
    return Unsettled(
        kind=slug,
        what=str(WHAT[slug]),
        pk=row.pk,
        title=title_of(row),
        provider=provider.name,
        words=row.error if sees_cost else hide_amounts(row.error),
        charge=format_money(expected, getattr(row, "currency", "") or provider.currency) if sees_cost else "",
        when=format_when(row.claimed_at or row.created_at, now).html,
        url=home_of(row) if slug in PATHS else reverse("orders:settle", args=[slug, row.pk]),
        state=state,
        tone=tone,
        found=found,
    )


def _search_state(search: WindowSearch | None) -> tuple[str, str, str]:
    if search is None or search.finished_at is None:
        return _("being searched for"), TONES["searching"], ""
    if search.failure:
        return _("the search broke off"), TONES["failed"], ""
    fitting = [one["id"] for one in search.candidates if one["fits"]]
    if search.verdict == "found" and len(fitting) == 1:
        return _("found: #%(id)s") % {"id": fitting[0]}, TONES["found"], fitting[0]
    if fitting:
        return _("may be %(ids)s") % {"ids": ", ".join(f"#{one}" for one in fitting[:3])}, TONES["listed"], ""
    return _("not found"), TONES["none"], ""


# --- Second purchases -----------------------------------------------------------------------------------------------


def second_purchases(user: Any) -> QuerySet[Attempt]:
    """Tries whose late reply brought an id that is on no order and that nobody has dealt with."""
    here = {"provider_id": OuterRef("provider_id"), "external_id": OuterRef("late_id")}
    taken = Exists(Order.objects.filter(**here))
    taken_product = Exists(ProductOrder.objects.filter(**here))
    seen = Settlement.objects.filter(
        Q(order=OuterRef("order"))
        | Q(refill=OuterRef("refill"))
        | Q(cancellation=OuterRef("cancellation"))
        | Q(product_order=OuterRef("product_order")),
        way=Settlement.Way.SECOND_SEEN,
        external_id=OuterRef("late_id"),
    )
    late = (
        Attempt.objects.exclude(late_id="")
        .filter(~Exists(seen))
        .filter((~Q(action=str(Action.add)) | ~taken) & (~Q(action=str(Action.add_product_order)) | ~taken_product))
    )
    rows = late.select_related("order", "refill", "cancellation", "product_order", "provider")
    return seen_by(rows.defer("provider__api_key", "excerpt").order_by("-id"), user)


def _second_purchase(attempt: Attempt, now: Any) -> dict[str, Any]:
    row: Any = attempt.order or attempt.refill or attempt.cancellation or attempt.product_order
    return {
        "pk": attempt.pk,
        "title": title_of(row),
        "url": home_of(row),
        "provider": attempt.provider.name,
        "provider_pk": attempt.provider_id,
        "late_id": attempt.late_id,
        "has": row.external_id or "",
        "is_order": kind_of(row) is ORDERS,
        "is_held": getattr(row, "held_for", "") == LATE_ANSWER and row.status == statuses.HELD,
        "when": format_when(attempt.finished_at, now).html,
    }
