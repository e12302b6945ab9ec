"""Choose where the next order of a chain is bought: person, ceiling, candidates and other orders of the link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from orders.models import Chain, ChainStep, Order, opens_same
from orders.permissions import may_see_client
from orders.placement.services import STILL_OPEN, lock_link
from orders.placement.spending_limits import is_limit_set
from orders.routes.books import spent_on
from orders.routes.choice import Candidate, Code, Market, find_candidates, pick
from orders.routes.verdicts import tried_services

if TYPE_CHECKING:
    from providers.models import Service

Reason = ChainStep.Reason
_REASONS: Final = {Code.CEILING: Reason.CEILING, Code.NO_RATE: Reason.NO_RATE}


class CannotStep(Exception):
    """A person's step is not possible now; ``str()`` is a sentence that says why."""


class NotBought(CannotStep):
    """No service is bought at now: ``reason`` is what the chain is held for, ``candidates`` say why none is taken."""

    def __init__(self, reason: str, words: str, candidates: Sequence[Candidate] = ()) -> None:
        super().__init__(words)
        self.reason = reason
        self.candidates = [{"service": one.service.pk, "code": one.code.value} for one in candidates]


def choose_next(
    chain: Chain,
    links: Sequence[Order],
    quantity: int,
    *,
    person: Any,
    may_wait: bool = True,
    service: Service | None = None,
    tried_again: bool = False,
) -> Candidate:
    """Return the candidate that the next order of a locked chain is bought at; raises :class:`NotBought`.

    ``service`` is the one that a person chose, ``tried_again`` that what was tried counts as well.
    """
    if person is not None and not (person.is_active and person.has_perm("orders.add_order")):
        raise NotBought(Reason.PERSON, _("The person who ordered may not order any more."))
    if not is_limit_set(person):
        raise NotBought(Reason.LIMIT, _("The person who ordered has no spending limit set."))
    market = Market()
    if market.rules.currency != chain.currency:
        raise NotBought(Reason.NO_RATE, _("The hub’s currency changed since this was ordered."))
    spent = spent_on(links, market)
    if spent is None:
        raise NotBought(Reason.NO_RATE, _("What was spent so far isn’t known in the hub’s currency."))
    candidates = find_candidates(
        chain.route,
        quantity=quantity,
        person=person,
        link=chain.link,
        parameters=chain.parameters,
        pinned=chain.pinned if service is None else service,
        left_out=() if tried_again else tried_services(links),
        budget=chain.ceiling - spent,
        market=market,
    )
    if service is not None:
        candidates = [one for one in candidates if one.service.pk == service.pk]
    chosen = pick(candidates, may_wait=may_wait)
    if chosen is None:
        raise _not_bought(candidates)
    _check_other_orders(chain, chosen.service)
    return chosen


def _not_bought(candidates: Sequence[Candidate]) -> NotBought:
    """Return why none of the candidates is bought, by what stands in the way of the most promising ones."""
    if not candidates:
        return NotBought(Reason.PERSON, _("The person who ordered can’t use any provider of this route."))
    codes = [one.code for one in candidates]
    for code, reason in _REASONS.items():
        if code in codes:
            words = {
                Code.CEILING: _("The next order would pass the ceiling of this chain."),
                Code.NO_RATE: _("There is no exchange rate for the next provider’s currency."),
            }[code]
            return NotBought(reason, words, candidates)
    return NotBought(Reason.NO_CANDIDATE, _("No other service of the route fits now."), candidates)


def _check_other_orders(chain: Chain, service: Service) -> None:
    """Raise :class:`NotBought` when another open order at the provider has the link; those of the chain aside."""
    if not chain.link:
        return
    lock_link(service.provider_id, chain.link)
    others = Order.objects.filter(
        Q(chain__isnull=True) | ~Q(chain=chain),
        opens_same(chain.link, service.platform),
        provider_id=service.provider_id,
        status__in=STILL_OPEN,
    )
    twin = others.order_by("-id").first()
    if twin is not None:
        words = _("Another order for this link is still open at the next provider.")
        if may_see_client(chain.created_by, twin.client_id):
            words = _("Order #%(pk)s for this link is still open at the next provider.") % {"pk": twin.pk}
        raise NotBought(Reason.DUPLICATE, words)
