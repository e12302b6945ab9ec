"""Show what is unconfirmed, and what may have been bought twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from orders import statuses
from orders.models import Attempt, Order, ProductOrder, Settlement, WindowSearch
from orders.permissions import seen_by
from orders.settlement.contexts import KIND_OF, MOST_SHOWN, PATHS, TONES, VIEW_PRODUCTS, rows_for
from orders.settlement.lost_batches import BATCHED
from orders.submission.call_types import ORDERS, call_type_of, home_of, provider_of, title_of
from orders.submission.late_answers import LATE_ANSWER
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import format_money, format_when
from providers.dialects import Action


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
    """Return all that is unconfirmed, oldest first, and what may have been bought twice; a constant number of
    statements.
    """
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
        "batches": _lost_batches(user),
        "twice": [_second_purchase(attempt, now) for attempt in second_purchases(user)[:MOST_SHOWN]],
        "sees_cost": sees_cost,
        "may_settle": user.has_perm("orders.settle_order"),
    }


def _lost_batches(user: Any) -> list[dict[str, Any]]:
    """Return calls of several rows whose reply was lost:
    what they were, how many rows are unconfirmed, and their page.
    """
    found = []
    for slug in BATCHED:
        calls = _unconfirmed_of(user, slug).order_by().exclude(claim=None).values("claim", "order__provider__name")
        for call in calls.annotate(rows=Count("pk"), first=Min("pk")).filter(rows__gt=1).order_by("first")[:MOST_SHOWN]:
            found.append(
                {
                    "what": str(WHAT[slug]),
                    "rows": call["rows"],
                    "provider": call["order__provider__name"],
                    "url": reverse("orders:settle_batch", args=[slug, call["claim"]]),
                }
            )
    return found


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
        return _("searching"), TONES["searching"], ""
    if search.failure:
        return _("search stopped"), TONES["failed"], ""
    fitting = [one["id"] for one in search.candidates if one["fits"]]
    if search.verdict == "found" and len(fitting) == 1:
        return _("found: #%(id)s") % {"id": fitting[0]}, TONES["found"], fitting[0]
    if fitting:
        return _("may be %(ids)s") % {"ids": ", ".join(f"#{one}" for one in fitting[:3])}, TONES["listed"], ""
    return _("not found"), TONES["none"], ""


def second_purchases(user: Any) -> QuerySet[Attempt]:
    """Tries whose late reply brought an id that is on no order and that no one has dealt with."""
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
        late_tries_for(user)
        .filter(~Exists(seen))
        .filter((~Q(action=str(Action.add)) | ~taken) & (~Q(action=str(Action.add_product_order)) | ~taken_product))
    )
    rows = late.select_related("order", "refill", "cancellation", "product_order", "provider")
    return rows.defer("provider__api_key", "excerpt").order_by("-id")


def late_tries_for(user: Any) -> QuerySet[Attempt]:
    """Return the tries with a late id that a person sees; those of product orders only with the right to see these."""
    late: QuerySet[Attempt] = seen_by(Attempt.objects.exclude(late_id=""), user)
    return late if user.has_perm(VIEW_PRODUCTS) else late.filter(product_order__isnull=True)


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
        "is_order": call_type_of(row) is ORDERS,
        "is_held": getattr(row, "held_for", "") == LATE_ANSWER and row.status == statuses.HELD,
        "when": format_when(attempt.finished_at, now).html,
    }
