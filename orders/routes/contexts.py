"""What the pages of a route show: who would be taken now, what it bought and saved, where it went on and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders.models import Chain, ChainStep, Route
from orders.permissions import chains_for, orders_for
from orders.placement.pricing import THOUSAND
from orders.placement.reserved_amounts import FREE
from orders.routes.chain_labels import GOING_ON, Tag, tag_of, where_of
from orders.routes.choice import Candidate, Market, pick
from panelhub.ui.formatting import describe_span, format_count, format_money, format_when
from providers.catalogue.quality_labels import describe_figures

DAYS: Final = 90
MOST_CHAINS: Final = 50
MOST_STEPS: Final = 20
ALTERNATIVES: Final = 2
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One service of a route as the pages list it; ``rank`` is 0 for the one that is taken, "" without a turn."""

    pk: int
    position: int
    name: str
    external_id: str
    provider: str
    url: str
    rate: SafeString
    cost: SafeString
    quality: str
    times: str
    verdict: str
    tone: str
    why: str
    is_taken: bool
    fits: bool
    is_pinned: bool


def describe_candidates(
    route: Route, candidates: Sequence[Candidate], *, sees_cost: bool, currency: str, pinned: int | None = None
) -> list[CandidateRow]:
    """Return the candidates as rows, in their order: the one that is taken, the next two, and why not the others."""
    taken = pick(candidates)
    turn = [one.service.pk for one in candidates if one.fits]
    return [_row(route, one, turn, taken, sees_cost=sees_cost, currency=currency, pinned=pinned) for one in candidates]


def _row(
    route: Route,
    one: Candidate,
    turn: Sequence[int],
    taken: Candidate | None,
    *,
    sees_cost: bool,
    currency: str,
    pinned: int | None,
) -> CandidateRow:
    service = one.service
    place = turn.index(service.pk) if one.fits else None
    is_taken = taken is not None and taken.service.pk == service.pk
    if is_taken:
        verdict, tone = _("taken now"), "good"
    elif place is not None:
        verdict, tone = (_("next") if place <= ALTERNATIVES else _("later")), "info" if place <= ALTERNATIVES else ""
    else:
        verdict, tone = _("not taken"), "bad"
    quality, times = describe_figures(getattr(service, "measured", None))
    why = one.why_not if sees_cost else hide_price(one)
    return CandidateRow(
        pk=service.pk,
        position=one.position,
        name=service.name,
        external_id=service.external_id,
        provider=service.provider.name,
        url=reverse("providers:service", args=[service.pk]),
        rate=_rate(one, currency) if sees_cost else SafeString(""),
        cost=format_money(one.cost.quantize(_CENT), currency) if sees_cost and one.cost is not None else SafeString(""),
        quality=quality,
        times=times,
        verdict=verdict,
        tone=tone,
        why=why or _reason(route, one, is_taken=is_taken, is_pinned=service.pk == pinned),
        is_taken=is_taken,
        fits=one.fits,
        is_pinned=service.pk == pinned,
    )


def hide_price(one: Candidate) -> str:
    """Return why a candidate is not taken, for those who see no prices."""
    return _("Its price doesn’t fit.") if one.code in {"price", "ceiling"} else one.why_not


def _rate(one: Candidate, currency: str) -> SafeString:
    if one.rate is None:
        return format_money(one.service.rate, one.service.provider.currency)
    places = max(2, 3 - one.rate.adjusted()) if one.rate else 2
    return format_money(one.rate.quantize(Decimal(1).scaleb(-min(places, 10))), currency)


def _reason(route: Route, one: Candidate, *, is_taken: bool, is_pinned: bool) -> str:
    """Return why a candidate that fits stands where it does."""
    if is_pinned:
        return _("You chose it.")
    if one.is_waiting:
        return _("Its provider is paused. It is taken once the provider resumes, or if no other fits.")
    match route.rule:
        case Route.Rule.CHEAPEST:
            return _("The cheapest that fits.") if is_taken else ""
        case Route.Rule.FASTEST:
            if one.seconds is None:
                return _("Its time isn’t measured yet.")
            return _("Done in %(time)s") % {"time": describe_span(one.seconds)}
        case Route.Rule.COMPLETION:
            return _("Completes at least %(share)s") % {"share": f"{one.completion or 0:.0%}"}
        case Route.Rule.SCORE:
            return _("Score %(score)s") % {"score": f"{one.score or 0:.2f}"}
        case _:
            return _("The first in the list that fits.") if is_taken else ""


@dataclass(slots=True)
class Bought:
    """What a route bought in the last ``DAYS`` days, as far as the reader sees it."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    orders: int = 0
    spent: Decimal = Decimal(0)
    saved: Decimal | None = None
    highest: Decimal | None = None
    without_rate: bool = False


def load_bought(route: Route, candidates: Sequence[Candidate], market: Market, *, user: Any) -> Bought:
    """Return what was bought by service, and saved against the most expensive service of today; one statement."""
    bought = Bought(highest=max((one.rate for one in candidates if one.rate is not None), default=None))
    links = orders_for(user).filter(chain__route=route).exclude(status__in=FREE)
    rows = (
        links.filter(chain__created_at__gte=timezone.now() - timedelta(days=DAYS))
        .order_by()
        .values("service_id", "service__name", "provider__name", "currency")
        .annotate(
            orders=Count("pk"),
            units=Coalesce(Sum(Coalesce("billed_quantity", "quantity")), 0),
            amount=Sum(Coalesce("charge", "expected_charge")),
            delivered=Sum(Coalesce("billed_quantity", "quantity") - Coalesce("remains", 0), filter=Q(charge__gt=0)),
            charged=Sum("charge", filter=Q(charge__gt=0)),
        )
        .order_by("-orders")
    )
    saved = Decimal(0)
    for row in rows:
        worth = market.worth_of(row["currency"])
        spent = None if worth is None or row["amount"] is None else row["amount"] * worth
        bought.without_rate |= worth is None
        bought.orders += row["orders"]
        bought.spent += spent or 0
        if worth is not None and row["charged"] and row["delivered"] and bought.highest is not None:
            saved += bought.highest * row["delivered"] / THOUSAND - row["charged"] * worth
            bought.saved = saved
        bought.lines.append({**row, "spent": spent})
    return bought


def describe_bought(bought: Bought, *, currency: str, sees_cost: bool) -> dict[str, Any]:
    """Return the sums as a page shows them."""
    money = (lambda value: format_money(value.quantize(_CENT), currency)) if sees_cost else (lambda _value: "")
    return {
        "orders": format_count(bought.orders),
        "spent": money(bought.spent),
        "saved": money(bought.saved) if bought.saved is not None and bought.saved > 0 else "",
        "days": DAYS,
        "lines": [
            {
                "service": row["service__name"] or "",
                "pk": row["service_id"],
                "provider": row["provider__name"],
                "orders": format_count(row["orders"]),
                "units": format_count(row["units"]),
                "spent": money(row["spent"]) if row["spent"] is not None else "–",
            }
            for row in bought.lines
        ],
    }


def load_steps(route: Route, *, user: Any) -> list[dict[str, Any]]:
    """Return the newest lines of its chains that say where and why it went on; one statement."""
    now = timezone.now()
    found = ChainStep.objects.filter(chain__in=chains_for(user).filter(route=route), reason__in=GOING_ON)
    found = found.select_related("chain", "order__provider", "order__predecessor__provider").order_by("-id")
    return [
        {
            "when": format_when(step.at, now).html,
            "chain": step.chain_id,
            "reason": step.get_reason_display(),
            "where": where_of(step, user),
        }
        for step in found.defer("order__provider__api_key", "order__predecessor__provider__api_key")[:MOST_STEPS]
    ]


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One chain as a list shows it."""

    pk: int
    tag: Tag
    link: str
    quantity: str
    orders: str
    person: str
    when: SafeString


def load_chains(route: Route, *, user: Any) -> list[ChainRow]:
    """Return the newest chains of a route that a person sees; one statement."""
    now = timezone.now()
    found = chains_for(user).filter(route=route).annotate(orders=Count("links"), person=F("created_by__username"))
    return [
        ChainRow(
            pk=chain.pk,
            tag=tag_of(chain.status),
            link=chain.link,
            quantity=format_count(chain.quantity),
            orders=format_count(chain.orders),
            person=chain.person or "",
            when=format_when(chain.created_at, now).html,
        )
        for chain in found.order_by("-id")[:MOST_CHAINS]
    ]


def count_waiting(routes: Sequence[int], user: Any) -> dict[int, Any]:
    """Return how many chains of each route are open, and how many of them need a person; one statement."""
    waiting = Q(status__in=(Chain.Status.HELD, Chain.Status.FLAGGED))
    is_open = waiting | Q(status=Chain.Status.ACTIVE)
    counted = chains_for(user).filter(route__in=routes).order_by().values("route")
    rows = counted.annotate(all=Count("pk"), open=Count("pk", filter=is_open), waiting=Count("pk", filter=waiting))
    found: dict[int, Any] = {row["route"]: row for row in rows}
    for row in found.values():
        del row["route"]
    return found
