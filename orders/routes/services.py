"""Order through a route, and what people do with a chain: stop it, let it go on, buy elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from orders.links import NoLink, read_link
from orders.models import Chain, ChainStep
from orders.permissions import may_see_client
from orders.placement.client_choice import choose_client, put_client
from orders.placement.form_tokens import ORDER_FORM, TokenReused, tokens_of
from orders.placement.pricing import COLUMN_MAX, PLACES
from orders.placement.reserved_amounts import target_of
from orders.placement.services import DuplicateLink, lock_link, plain_words, same_link
from orders.placement.spending_limits import Spending, reserve
from orders.placement.validation import OrderInvalid
from orders.routes.choice import Candidate, Market, find_candidates, pick
from orders.routes.decisions import buy_elsewhere, close_chain, continue_chain, mark_to_move, stop_chain
from orders.routes.purchases import CannotStep
from orders.routes.steps import add_link

if TYPE_CHECKING:
    import uuid
    from datetime import datetime
    from decimal import Decimal

    from orders.models import Route
    from providers.models import Service

__all__ = [
    "CannotStep",
    "buy_elsewhere",
    "close_chain",
    "continue_chain",
    "mark_to_move",
    "place_chain",
    "stop_chain",
]

Status = Chain.Status
Reason = ChainStep.Reason


def place_chain(
    *,
    user: Any,
    route: Route,
    link: str,
    quantity: int | None,
    parameters: Mapping[str, Any] | None = None,
    ceiling: Decimal | None = None,
    pinned: Service | None = None,
    form_token: uuid.UUID | None = None,
    source: str = ORDER_FORM,
    not_before: datetime | None = None,
    confirm_duplicate: bool = False,
    note: str = "",
    client_label: str = "",
) -> Chain:
    """Make a chain with its first order, queued (or held for a second person) and committed.

    ``parameters`` may hold ``runs`` and ``interval``. ``ceiling`` is the most that the whole chain may cost, in the
    hub's currency; by default what the most expensive candidate that fits would cost. The same ``form_token`` of the
    same person gives the same chain. Raises :class:`OrderInvalid` with sentences per parameter ("" when no service
    fits), :class:`DuplicateLink` and :class:`TokenReused` as :func:`orders.placement.services.create_order` does.
    """
    extra = {name: str(value) for name, value in (parameters or {}).items() if str(value).strip()}
    if form_token is not None:
        kept_as = tokens_of(form_token, user=user, source=source)
        form_token = kept_as[0]
        made = Chain.objects.filter(form_token__in=kept_as, created_by=user).first()
        if made is not None:
            return _same_as(made, route, link, quantity, extra)
    chosen, ceiling, market = choose_first(
        route, user=user, link=link, quantity=quantity, parameters=extra, ceiling=ceiling, pinned=pinned
    )
    assert chosen.checked is not None  # noqa: S101 - what fits with a link was checked
    try:
        with transaction.atomic():
            if not confirm_duplicate:
                _check_twin(chosen, user)
            spending = Spending(ceiling, market.rules.currency, target_of(route, chosen.checked.link))
            (taken,) = reserve(user, [spending])
            chain = build_chain(user, route, chosen, ceiling, market.rules.currency, pinned=pinned, parameters=extra)
            chain.reserved, chain.form_token = taken.reserved, form_token
            chain.note = plain_words(note)
            put_client(chain, choose_client(user, client_label))
            chain.save()
            reason = Reason.SECOND_PERSON if taken.held_for else Reason.ORDERED
            add_link(chain, chosen, reason, after=None, held_for=taken.held_for, not_before=not_before)
    except IntegrityError:
        made = Chain.objects.filter(form_token=form_token).first() if form_token else None
        if made is None:
            raise
        return _same_as(made, route, link, quantity, extra)
    return chain


def choose_first(
    route: Route,
    *,
    user: Any,
    link: str,
    quantity: int | None,
    parameters: Mapping[str, Any],
    ceiling: Decimal | None = None,
    pinned: Service | None = None,
    market: Market | None = None,
    entries: Sequence[Any] | None = None,
) -> tuple[Candidate, Decimal, Market]:
    """Return the candidate that a new chain begins with, its ceiling, and the rates these were counted with.

    Raises :class:`OrderInvalid` where none fits, or the ceiling is below what the first order costs.
    """
    if not route.is_active:
        raise OrderInvalid({"": [_("This route is disabled.")]})
    least, most = route.min_quantity, route.max_quantity
    if quantity is not None and least is not None and quantity < least:
        raise OrderInvalid({"quantity": [_("The minimum of this route is %(limit)s.") % {"limit": least}]})
    if quantity is not None and most is not None and quantity > most:
        raise OrderInvalid({"quantity": [_("The maximum of this route is %(limit)s.") % {"limit": most}]})
    if quantity is None or not link.strip():
        missing = [name for name, value in (("quantity", quantity), ("link", link.strip())) if not value]
        raise OrderInvalid({name: [_("This field is required.")] for name in missing})
    market = market or Market()
    candidates = find_candidates(
        route,
        quantity=quantity,
        person=user,
        link=link,
        parameters=parameters,
        pinned=pinned,
        market=market,
        entries=entries,
    )
    chosen = pick(candidates)
    if chosen is None or chosen.cost is None:
        raise _none_fits(candidates)
    if ceiling is None:
        ceiling = max(one.cost for one in candidates if one.fits and one.cost is not None)
    ceiling = ceiling.quantize(PLACES) if ceiling < COLUMN_MAX else ceiling
    if ceiling < chosen.cost or ceiling >= COLUMN_MAX:
        raise OrderInvalid({"": [_("The ceiling is below the price of the first order.")]})
    return chosen, ceiling, market


def build_chain(
    user: Any,
    route: Route,
    chosen: Candidate,
    ceiling: Decimal,
    currency: str,
    *,
    pinned: Service | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Chain:
    """Return a chain as it is ordered, not saved yet: what it may cost and how it goes on is fixed from now on."""
    checked = chosen.checked
    assert checked is not None  # noqa: S101 - what fits with a link was checked
    return Chain(
        route=route,
        link=checked.link,
        quantity=checked.price.billed_quantity or checked.quantity or 0,
        parameters=dict(parameters or {}),
        pinned=pinned,
        ceiling=ceiling,
        currency=currency,
        patience_minutes=route.patience_minutes,
        buys_rest=route.buys_rest,
        created_by=user,
    )


def _check_twin(chosen: Candidate, user: Any) -> None:
    service, checked = chosen.service, chosen.checked
    if checked is None:
        return
    lock_link(service.provider_id, checked.link)
    twin = same_link(provider_id=service.provider_id, link=checked.link, platform=service.platform)
    if twin is not None:
        raise DuplicateLink(twin, is_hidden=not may_see_client(user, twin.client_id))


def _none_fits(candidates: Sequence[Candidate]) -> OrderInvalid:
    """Return why no candidate fits: what is wrong with link or quantity, where that is so at each of them."""
    if not candidates:
        return OrderInvalid({"": [_("You can’t use any provider of this route.")]})
    faults = [one.errors for one in candidates if one.errors]
    if faults and len(faults) == len(candidates):
        return OrderInvalid({name: list(sentences) for name, sentences in faults[0].items()})
    sentence = _("No service of this route fits now.")
    return OrderInvalid({"": [sentence, *dict.fromkeys(one.why_not for one in candidates if one.why_not)][:4]})


def _same_as(made: Chain, route: Route, link: str, quantity: int | None, parameters: Mapping[str, Any]) -> Chain:
    """Return a chain that was made before, if it has the content that was typed; raises :class:`TokenReused`."""
    try:
        typed = read_link(link.strip()).text
    except NoLink:
        raise TokenReused from None
    whole = (quantity or 0) * int(parameters.get("runs") or 1)
    if (made.route_id, made.link, made.quantity, made.parameters) != (route.pk, typed, whole, dict(parameters)):
        raise TokenReused
    return made
