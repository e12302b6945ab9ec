"""Choose the service that a route buys at now: every candidate in the order of the rule, with why it is not taken.

A choice takes three statements, whatever the number of candidates: the services with accounts and measured quality,
the rules of the hub, the exchange rates. :class:`Market` reads the last two once for many choices.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from orders.currency.exchange import rates
from orders.models import HubRules, Route, RouteService
from orders.permissions import granted_provider_ids, seen_by
from orders.placement.pricing import THOUSAND
from orders.placement.service_rules import rules_of
from orders.placement.validation import Checked, OrderInvalid, check_fields

if TYPE_CHECKING:
    from providers.models import Service

ORDERED_TYPE: Final = "default"
UNKNOWN_VALUE: Final = 0.5
"""What counts in a score for a figure that was never measured."""


class Code(StrEnum):
    """Why a candidate is not taken, for programs and for what a chain is held for."""

    FITS = ""
    CLOSED = "closed"
    CONDITION = "condition"
    QUANTITY = "quantity"
    NO_RATE = "no_rate"
    PRICE = "price"
    COMPLETION = "completion"
    TRIED = "tried"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One service of a route: what ``quantity`` costs there now, and a sentence why it is not taken ("" if it fits).

    ``rate`` (per 1,000) and ``cost`` are in the hub's currency, ``None`` without an exchange rate. ``completion`` is
    the lowest share to expect from what was measured over ``measured`` orders; ``seconds`` the median to the end.
    ``is_waiting``: it fits, once its provider is no longer paused. ``checked`` is the order as it would be placed.
    """

    service: Service
    position: int
    rate: Decimal | None
    cost: Decimal | None
    completion: float | None
    seconds: float | None
    measured: int
    score: float | None = None
    why_not: str = ""
    code: Code = Code.FITS
    is_waiting: bool = False
    checked: Checked | None = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def fits(self) -> bool:
        """Whether it may be taken now."""
        return not self.code


@dataclass(slots=True)
class Market:
    """The rules of the hub and the exchange rates, read once for any number of choices."""

    rules: HubRules = field(default_factory=HubRules.load)
    rates: Mapping[str, Decimal] = field(default_factory=rates)

    def worth_of(self, currency: str) -> Decimal | None:
        """Return what one unit is worth in the hub's currency; ``None`` where no one knows."""
        if not currency or currency == self.rules.currency:
            return Decimal(1)
        return self.rates.get(currency)


def entries_of(route: Route, person: Any) -> list[RouteService]:
    """Return the services of a route at the providers that a person is granted, with account and measured quality."""
    found = RouteService.objects.filter(route=route).order_by("position")
    found = found.select_related("service__provider", "service__measured")
    return list(found if person is None else seen_by(found, person, path="service__provider_id"))


def entries_of_all(routes: Collection[int], person: Any) -> dict[int, list[RouteService]]:
    """Return the same for many routes, by route, in one statement."""
    found = RouteService.objects.filter(route__in=routes).order_by("route", "position")
    found = found.select_related("service__provider", "service__measured")
    granted = None if person is None else granted_provider_ids(person)
    if granted is not None:
        found = found.filter(service__provider_id__in=granted)
    by_route: dict[int, list[RouteService]] = {}
    for entry in found:
        by_route.setdefault(entry.route_id, []).append(entry)
    return by_route


def find_candidates(
    route: Route,
    *,
    quantity: int | None,
    person: Any,
    link: str = "",
    parameters: Mapping[str, Any] | None = None,
    pinned: Service | None = None,
    left_out: Collection[int] = (),
    budget: Decimal | None = None,
    market: Market | None = None,
    entries: Sequence[RouteService] | None = None,
) -> list[Candidate]:
    """Return the services of a route that ``person`` is granted: those that fit first, in the order of the rule.

    Those that wait for a paused provider follow those that don't. ``pinned`` comes before all others where it fits.
    Services in ``left_out`` (keys) and those that cost more than ``budget`` (in the hub's currency) do not fit. At
    most three statements, whatever the number of candidates; none with ``market`` and ``entries``.
    """
    market = market or Market()
    entries = entries_of(route, person) if entries is None else entries
    typed = {"quantity": "" if quantity is None else str(quantity), "link": link, **(parameters or {})}
    looked_at = [_look_at(entry, route, typed, market, left_out, budget) for entry in entries]
    scored = _add_scores(route, looked_at)
    key = pinned.pk if pinned is not None else None
    return sorted(
        scored,
        key=lambda one: (not one.fits, one.service.pk != key, one.is_waiting, *_rank(route, one), one.position),
    )


def pick(candidates: Sequence[Candidate], *, may_wait: bool = True) -> Candidate | None:
    """Return the candidate that is taken: the first that fits, those that wait only if they may."""
    fitting = (one for one in candidates if one.fits and (may_wait or not one.is_waiting))
    return next(fitting, None)


def _look_at(
    entry: RouteService,
    route: Route,
    typed: Mapping[str, Any],
    market: Market,
    left_out: Collection[int],
    budget: Decimal | None,
) -> Candidate:
    service, provider = entry.service, entry.service.provider
    worth = market.worth_of(provider.currency)
    rate = None if worth is None else service.rate * worth
    measured = _measured_of(service)
    checked, errors, cost = None, {}, None
    fields = typed if typed["link"] else {**typed, "link": "https://example.com/"}
    if typed["quantity"]:
        try:
            checked = check_fields(rules_of(service), fields)
        except OrderInvalid as fault:
            errors = fault.errors
    if checked is not None and worth is not None and checked.price.ceiling is not None:
        cost = checked.price.ceiling * worth
    elif rate is not None and typed["quantity"].isdigit():
        cost = rate * int(typed["quantity"][:18]) / THOUSAND
    plain = Candidate(
        service=service,
        position=entry.position,
        rate=rate,
        cost=cost,
        completion=measured.sureness if measured else None,
        seconds=measured.seconds_to_finish if measured else None,
        measured=measured.orders if measured else 0,
        is_waiting=bool(provider.pause_kind or provider.breaker_until),
        checked=checked if typed["link"] else None,
        errors=errors,
    )
    code, why_not = _why_not(plain, route, left_out, budget)
    return replace(plain, code=code, why_not=why_not)


def _why_not(one: Candidate, route: Route, left_out: Collection[int], budget: Decimal | None) -> tuple[Code, str]:
    """Return the first reason why a candidate is not taken, and the sentence; ``FITS`` and "" if it is."""
    service = one.service
    if closed := rules_of(service).closed:
        return Code.CLOSED, closed
    if service.pk in left_out:
        return Code.TRIED, _("It was tried for this order already.")
    if service.type != ORDERED_TYPE:
        return Code.CONDITION, _("Routes order services of the type Default only.")
    for needed, offered, sentence in (
        (route.needs_refill, service.refill, _("It doesn’t state a refill.")),
        (route.needs_cancel, service.cancel, _("It doesn’t state that orders can be canceled.")),
        (route.needs_dripfeed, not rules_of(service).no_dripfeed, _("It can’t be drip-fed.")),
    ):
        if needed and not offered:
            return Code.CONDITION, sentence
    if one.errors:
        return Code.QUANTITY, " ".join(sentence for sentences in one.errors.values() for sentence in sentences)
    if one.rate is None:
        return Code.NO_RATE, _("There is no exchange rate for %(currency)s.") % {"currency": service.provider.currency}
    if route.highest_rate is not None and one.rate > route.highest_rate:
        return Code.PRICE, _("Its price is above the highest of the route.")
    if route.least_completion is not None and (one.completion or 0.0) < route.least_completion:
        return Code.COMPLETION, _("Its completion rate is below the lowest of the route.")
    if budget is not None and (one.cost is None or one.cost > budget):
        return Code.CEILING, _("It would pass the ceiling.")
    return Code.FITS, ""


def _measured_of(service: Service) -> Any:
    try:
        return service.measured
    except ObjectDoesNotExist:
        return None


_LAST: Final = float("inf")


def _rank(route: Route, one: Candidate) -> tuple[Any, ...]:
    """Return what a candidate is compared by under the rule of a route; less is better."""
    price = _LAST if one.rate is None else one.rate
    match route.rule:
        case Route.Rule.CHEAPEST:
            return (price,)
        case Route.Rule.FASTEST:
            return (_LAST if one.seconds is None else one.seconds, price)
        case Route.Rule.COMPLETION:
            return (-(one.completion or 0.0), price)
        case Route.Rule.SCORE:
            return (-(one.score or 0.0), price)
        case _:
            return ()


def _add_scores(route: Route, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates with their scores, between 0 and 1: price and speed against the best of those that fit."""
    fitting = [one for one in candidates if one.fits]
    prices = [float(one.rate) for one in fitting if one.rate]
    speeds = [one.seconds for one in fitting if one.seconds]
    weights = (route.weight_price, route.weight_speed, route.weight_completion)
    whole = sum(weights) or 1

    def score(one: Candidate) -> float:
        values = (
            min(prices) / float(one.rate) if one.rate and prices else 1.0 if one.rate == 0 else UNKNOWN_VALUE,
            min(speeds) / one.seconds if one.seconds and speeds else UNKNOWN_VALUE,
            UNKNOWN_VALUE if one.completion is None else one.completion,
        )
        return sum(weight * min(1.0, value) for weight, value in zip(weights, values, strict=True)) / whole

    return [replace(one, score=round(score(one), 4)) for one in candidates]
