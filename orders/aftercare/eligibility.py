"""What may be requested after the sale: whether a refill or a cancel is offered for an order, and why not.

The two requests are entries of one table; the list, the detail page and the bulk action all read it, so
what a button says and what the bulk action does cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Value, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders import statuses
from orders.submission.call_types import CANCELLATIONS, REFILLS, CallType
from providers.dialects import Action
from providers.models import Provider, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from django.utils.functional import _StrPromise

    from orders.models import Order
    from providers.dialects import Dialect

REFILLABLE = frozenset({"completed", "partial"})
# A cancel that was accepted shows in the order's state; when it does not for a day, a new request is sensible.
CANCEL_PAUSE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether something can be requested: it can unless ``reason`` says why not; ``until`` is when it opens again."""

    reason: str = ""
    until: datetime | None = None

    @property
    def can(self) -> bool:
        """Whether it is offered."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was requested before, of one order: the state of the newest request, and when it last moved."""

    status: str
    asked_at: datetime
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """One kind of request for a placed order: a refill or a cancel.

    ``flag`` is the service's column that may say no (null means not stated, so it is offered);
    ``states`` are those of an order for which it makes sense; ``blocked`` judges earlier
    requests.
    """

    slug: str
    kind: CallType
    action: Action
    flag: str
    flag_says_no: _StrPromise
    states: frozenset[str]
    wrong_state: Callable[[Order], str]
    blocked: Callable[[Order, Earlier, datetime], Offer | None]
    on_its_way: _StrPromise


def _not_sent_yet(order: Order) -> str:
    if order.status == statuses.HELD and order.held_for == statuses.LATE_ANSWER:
        return _("The order is unconfirmed. Resolve it first.")
    if order.status in statuses.UNSENT:
        return _("The order hasn’t been sent yet. Withdraw it instead.")
    if order.status == statuses.SENDING:
        return _("The order is being sent.")
    if order.status == statuses.UNCONFIRMED:
        return _("The order is unconfirmed. Resolve it first.")
    if order.status in statuses.OWN:
        return _("The order was never placed (%(status)s).") % {"status": order.get_status_display()}
    return ""


def _not_refillable(order: Order) -> str:
    return _("Only completed or partial orders can be refilled. This one is %(status)s.") % {
        "status": order.get_status_display()
    }


def _not_cancelable(order: Order) -> str:
    return _("The order has ended (%(status)s).") % {"status": order.get_status_display()}


def _refill_blocked(order: Order, earlier: Earlier, now: datetime) -> Offer | None:
    if earlier.status in statuses.REFILL_OPEN:
        # One without an id can never be seen to end; the pause alone guards it.
        return Offer(_("A refill is already in progress."))
    hours = order.provider.refill_pause_hours
    until = earlier.moved_at + timedelta(hours=hours)
    if until <= now:
        return None
    reason = ngettext(
        "The last refill was less than %(count)s hour ago.",
        "The last refill was less than %(count)s hours ago.",
        hours,
    )
    return Offer(reason % {"count": hours}, until)


def _cancel_blocked(order: Order, earlier: Earlier, now: datetime) -> Offer | None:
    until = earlier.asked_at + CANCEL_PAUSE
    if until <= now:
        return None
    return Offer(_("We’ll update the order when the provider responds."), until)


REFILL = Request(
    slug="refill",
    kind=REFILLS,
    action=Action.refill,
    flag="refill",
    flag_says_no=gettext_lazy("This service has no refill."),
    states=REFILLABLE,
    wrong_state=_not_refillable,
    blocked=_refill_blocked,
    on_its_way=gettext_lazy("A refill request is already queued."),
)
CANCEL = Request(
    slug="cancel",
    kind=CANCELLATIONS,
    action=Action.cancel,
    flag="cancel",
    flag_says_no=gettext_lazy("This service doesn’t support cancel."),
    states=statuses.OPEN,
    wrong_state=_not_cancelable,
    blocked=_cancel_blocked,
    on_its_way=gettext_lazy("A cancel request is already queued."),
)
REQUESTS: Mapping[str, Request] = {request.slug: request for request in (REFILL, CANCEL)}

ON_ITS_WAY = frozenset({statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED})
_WITHOUT_EFFECT = frozenset({"refused", statuses.WITHDRAWN, statuses.GIVEN_UP})


def refill_offer(order: Order) -> Offer:
    """Return whether a refill of ``order`` is offered."""
    return offers(REFILL, [order])[order.pk]


def cancel_offer(order: Order) -> Offer:
    """Return whether a cancel of ``order`` may be requested."""
    return offers(CANCEL, [order])[order.pk]


def refill_offers(orders: Sequence[Order]) -> dict[int, Offer]:
    """Return the twin of :func:`refill_offer` for a page of rows, by the order's key."""
    return offers(REFILL, orders)


def cancel_offers(orders: Sequence[Order]) -> dict[int, Offer]:
    """Return the twin of :func:`cancel_offer` for a page of rows, by the order's key."""
    return offers(CANCEL, orders)


def offers(request: Request, orders: Sequence[Order]) -> dict[int, Offer]:
    """Return what is offered for each of ``orders``; one statement, and two more unless provider and service are
    loaded.
    """
    load_parties(orders)
    speaks = {order.provider_id: order.provider.speaks for order in orders}
    reasons = {order.pk: _excluded(request, order, speaks[order.provider_id]) for order in orders}
    possible = [order for order in orders if not reasons[order.pk]]
    earlier = _earlier(request, [order.pk for order in possible]) if possible else {}
    now = timezone.now()
    found = {pk: Offer(reason) for pk, reason in reasons.items()}
    return found | {
        order.pk: _after(request, order, earlier[order.pk], now) for order in possible if order.pk in earlier
    }


def load_parties(orders: Sequence[Order]) -> None:
    """Load provider and service of rows that lack them; keys are not decrypted for it."""
    prefetch_related_objects(
        list(orders),
        Prefetch("provider", Provider.objects.defer("api_key")),
        Prefetch("service", Service.objects.defer("description", "search_text")),
    )


def _excluded(request: Request, order: Order, dialect: Dialect) -> str:
    """Return why the order, its service or its provider rule the request out; "" when they do not."""
    if reason := _not_sent_yet(order):
        return reason
    if not order.external_id:
        return _("The order has no provider ID.")
    if not order.provider.is_active:
        return _("%(provider)s is disabled.") % {"provider": order.provider}
    if not dialect.can(request.action):
        return dialect.why_not(request.action)
    if order.service is not None and getattr(order.service, request.flag) is False:
        return str(request.flag_says_no)
    return "" if order.status in request.states else request.wrong_state(order)


def _after(request: Request, order: Order, earlier: Earlier, now: datetime) -> Offer:
    """Return what an earlier request leaves open."""
    if earlier.status in ON_ITS_WAY:
        return Offer(str(request.on_its_way))
    return request.blocked(order, earlier, now) or Offer()


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """One request that was made for an order: its kind, key, state and words, and when."""

    kind: str
    pk: int
    status: str
    external_id: str | None
    error: str
    created_at: datetime
    placed_at: datetime | None
    finished_at: datetime | None


def offers_of(order: Order) -> tuple[dict[str, Offer], list[EarlierRequest]]:
    """Return what is offered for one order, by the request's slug, and what was requested before; one statement."""
    columns = ("pk", "status", "external_id", "error", "created_at", "placed_at", "finished_at")
    first, *others = (
        request.kind.model.objects.filter(order=order)
        .order_by()
        .annotate(slug=Value(request.kind.slug))
        .values_list("slug", *columns)
        for request in REQUESTS.values()
    )
    load_parties([order])
    dialect, now = order.provider.speaks, timezone.now()
    asked = [EarlierRequest(*row) for row in first.union(*others, all=True).order_by("pk")]
    found = {}
    for request in REQUESTS.values():
        reason = _excluded(request, order, dialect)
        mine = [one for one in asked if one.kind == request.kind.slug and one.status not in _WITHOUT_EFFECT]
        found[request.slug] = Offer(reason) if reason or not mine else _after(request, order, _seen(mine[-1]), now)
    return found, asked


def _seen(one: EarlierRequest) -> Earlier:
    asked_at = one.placed_at or one.created_at
    untracked = one.status in statuses.REFILL_OPEN and not one.external_id
    return Earlier("untracked" if untracked else one.status, asked_at, max(asked_at, one.finished_at or asked_at))


def _earlier(request: Request, order_ids: Iterable[int]) -> dict[int, Earlier]:
    """Return the newest request of each order that had, or may still have, an effect."""
    rows = (
        request.kind.model.objects.filter(order_id__in=list(order_ids))
        .exclude(status__in=_WITHOUT_EFFECT)
        .order_by("id")
        .values_list("order_id", "pk", "status", "external_id", "error", "created_at", "placed_at", "finished_at")
    )
    return {order_id: _seen(EarlierRequest(request.kind.slug, *row)) for order_id, *row in rows}
