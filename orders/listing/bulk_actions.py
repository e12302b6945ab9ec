"""Bulk actions of the order list: request refills or cancels, withdraw, or approve many orders at once.

Each action defines the states it is for, who may do it, and its messages. All end in one
:class:`~orders.aftercare.services.Requested`, which names what was not done and why.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from orders import statuses
from orders.aftercare.services import (
    CANCEL,
    REFILL,
    Requested,
    batches_of,
    describe_cancels,
    describe_refills,
    request_all,
)
from orders.link_hooks import lock_chains_of
from orders.listing.bulk_checks import check_all, checked_message
from orders.models import Order, OrderEvent
from orders.placement.approval import mark_of, waits_for_another
from orders.placement.price_growth import growth_of
from orders.placement.reserved_amounts import takes_of_today
from orders.placement.services import OrderInvalid, approve_order, create_order, withdraw_orders
from orders.placement.spending_limits import why_limit_unset
from orders.statuses import OrderStatus
from panelhub import audit
from panelhub.background.dispatch import notify_worker
from panelhub.schedule import CLICKS
from providers.catalogue.seen_prices import is_mark_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

# Sending these may buy a second time.
LOOKED_AT_ONE_BY_ONE: Final = frozenset({statuses.LATE_ANSWER, "restore"})
_WORDS: Final[dict[str, Any]] = dict(OrderStatus.choices)


@dataclass(frozen=True, slots=True)
class BulkAction:
    """One button of the bar. ``do`` takes the visible orders, who does it, the ids chosen (None: all), the request.

    ``question`` is what the dialog says first, ``yes`` and ``no`` what each answer does; {n} is how many are chosen.
    """

    slug: str
    label: Any
    title: Any
    icon: str
    permission: str
    states: frozenset[str]
    do: Callable[..., Requested]
    message_for: Callable[[int], str]
    question: Any = ""
    yes: Any = ""
    yes_one: Any = ""
    no: Any = ""


def bulk_actions_for(user: Any, statuses: Iterable[str] = ()) -> list[BulkAction]:
    """Return what ``user`` may do to orders in ``statuses`` (none: in any)."""
    wanted = frozenset(statuses)
    return [
        bulk_action
        for bulk_action in BULK_ACTIONS
        if user.has_perm(bulk_action.permission) and (not wanted or wanted & bulk_action.states)
    ]


def withdraw_all(
    orders: QuerySet[Order], *, by: Any, ids: Sequence[int] | None = None, request: HttpRequest | None = None
) -> Requested:
    """Withdraw those of ``orders`` (of those among them with ``ids``) that are not sent yet."""
    done = Requested("withdraw")
    for batch in batches_of(orders, ids, done):
        done.asked += len(batch)
        with transaction.atomic():
            moved = withdraw_orders(orders, ids=batch, by=by)
            if moved:
                audit.record(by, "order.withdrawn", None, request=request, asked=len(batch), orders=moved)
        _note(done, moved)
        late = Order.objects.filter(pk__in=batch, status=statuses.HELD, held_for=statuses.LATE_ANSWER)
        accepted = list(late.values_list("pk", flat=True))
        for pk in accepted:
            done.skip(pk, _("It may have been sent already. Review it on its own page."))
        for pk, status in _others(batch, [*moved, *accepted]):
            done.skip(pk, _("It has already been sent (%(status)s).") % {"status": _WORDS.get(status, status)})
    return done


@dataclass(slots=True)
class Approved(Requested):
    """The outcome of letting many out; ``repriced`` are those whose price moved to one that no one has agreed to."""

    repriced: list[Order] = field(default_factory=list)


def approve_all(
    orders: QuerySet[Order],
    *,
    by: Any,
    ids: Sequence[int] | None = None,
    request: HttpRequest | None = None,
    seen: Mapping[int, str] | None = None,
) -> Approved:
    """Approve those of ``orders`` (of those among them with ``ids``) that are held, one's own large ones never.

    What costs what it did when it was ordered goes at once; what costs something else only where ``seen``
    has the mark of that rate, by the key of the service.
    """
    done = Approved("approve")
    for batch in batches_of(orders, ids, done):
        done.asked += len(batch)
        with transaction.atomic():
            moved = _approve_batch(batch, done, by=by, seen=seen or {})
            if moved:
                words, data = mark_of(by)
                audit.record(by, "order.approved", None, words, request=request, asked=len(batch), orders=moved, **data)
        _note(done, moved)
        refused = {pk for skipped in done.skipped for pk in skipped.orders} | {order.pk for order in done.repriced}
        for pk, status in _others(batch, [*moved, *refused]):
            done.skip(pk, _("It isn’t held (%(status)s).") % {"status": _WORDS.get(status, status)})
    return done


def _approve_batch(batch: list[int], done: Approved, *, by: Any, seen: Mapping[int, str]) -> list[int]:
    """Return those that may go as they are in one statement; what takes more of a limit than it did one by one."""
    lock_chains_of(batch)
    held = (
        Order.objects.filter(pk__in=batch, status=statuses.HELD)
        .select_related("service", "sold_as__token")
        .order_by("pk")
    )
    plain: list[Order] = []
    moved: list[int] = []
    unset = why_limit_unset(by)
    for order in held.select_for_update(of=("self",)):
        if waits_for_another(order, by):
            done.skip(order.pk, _("You placed this order. Another person has to approve it."))
        elif unset and order.created_by_id == by.pk:
            done.skip(order.pk, unset)
        elif order.held_for in LOOKED_AT_ONE_BY_ONE:
            done.skip(order.pk, _("It may have been sent already. Review it on its own page."))
        elif (
            (as_agreed := growth_of(order) == 1)
            and order.chain_id is None
            and (order.created_by_id != by.pk or takes_of_today(order))
        ):
            plain.append(order)
        elif not as_agreed and (
            order.service is None or not is_mark_of(seen.get(order.service.pk, ""), order.service.rate)
        ):
            done.repriced.append(order)
        else:
            try:
                if approve_order(order, by=by):
                    moved.append(order.pk)
            except OrderInvalid as refusal:
                done.skip(order.pk, str(refusal))
    keys = [order.pk for order in plain]
    Order.objects.filter(pk__in=keys, status=statuses.HELD).update(
        status=statuses.QUEUED, held_for="", error="", approved_by=by, let_out_at=timezone.now()
    )
    words, data = mark_of(by)
    move = {"kind": "state", "actor": by, "before": statuses.HELD, "after": statuses.QUEUED}
    OrderEvent.objects.bulk_create(OrderEvent(order_id=pk, **move, words=words, data=data) for pk in keys)
    for provider_id in sorted({order.provider_id for order in plain}):
        notify_worker("orders.submission.tasks.submit_provider", provider_id, queue=CLICKS)
    return moved + keys


def order_all_again(
    orders: QuerySet[Order], *, by: Any, ids: Sequence[int] | None = None, request: HttpRequest | None = None
) -> Requested:
    """Make a new order for each rejected one of ``orders`` (of those among them with ``ids``); it names the old one.

    An order is repeated once this way, however often the button is pressed.
    """
    done = Requested("again")
    for batch in batches_of(orders, ids, done):
        done.asked += len(batch)
        made: list[int] = []
        rejected = Order.objects.filter(pk__in=batch, status="rejected").select_related("service__provider")
        for order in rejected.order_by("pk"):
            if order.chain_id is not None:
                done.skip(order.pk, _("It belongs to an order through a route, which is continued on its own page."))
                continue
            try:
                made.append(_order_again(order, by))
            except OrderInvalid as refusal:
                done.skip(order.pk, str(refusal))
        if made:
            audit.record(by, "order.repeated", None, request=request, asked=len(batch), orders=made)
        _note(done, made)
        refused = {pk for skipped in done.skipped for pk in skipped.orders}
        for pk, status in _others(batch, [*made, *refused]):
            done.skip(pk, _("It wasn’t rejected (%(status)s).") % {"status": _WORDS.get(status, status)})
    return done


def _order_again(order: Order, by: Any) -> int:
    """Repeat one rejected order and return its own key; raises OrderInvalid with the reason why it cannot be."""
    if order.service is None:
        raise OrderInvalid({"": [_("The order has no service.")]})
    if order.rate is not None and order.service.rate > order.rate:
        raise OrderInvalid({"": [_("Its price went up. Order it again on its own page.")]})
    create_order(
        user=by,
        service=order.service,
        fields={**order.parameters, "link": order.link, "quantity": "" if order.quantity is None else order.quantity},
        form_token=uuid.uuid5(order.uid, "again"),
        note=order.note,
        client_label=order.client_label,
        repeat_of=order,
    )
    return order.pk


def _note(done: Requested, moved: list[int]) -> None:
    done.orders += moved
    done.rows += moved


def _others(batch: list[int], known: Sequence[int]) -> list[tuple[int, str]]:
    """Return the state of each order of a batch that is not among ``known``."""
    return list(Order.objects.filter(pk__in=set(batch) - set(known)).order_by("pk").values_list("pk", "status"))


def _withdrawn_message(count: int) -> str:
    return ngettext(
        "%(count)s order withdrawn. Nothing was sent.", "%(count)s orders withdrawn. Nothing was sent.", count
    )


def _approved_message(count: int) -> str:
    return ngettext("%(count)s order approved and queued.", "%(count)s orders approved and queued.", count)


def _repeated_message(count: int) -> str:
    return ngettext("%(count)s order placed again.", "%(count)s orders placed again.", count)


AFTERCARE: Final = "orders.aftercare_order"
BULK_ACTIONS: Final = (
    BulkAction(
        "approve", lazy("Approve"), lazy("Approve held orders"), "check", "orders.approve_order",
        frozenset({statuses.HELD}), approve_all, _approved_message,
        lazy("Approved orders are sent to their providers. If a price changed, you’ll review that order first."),
        lazy("Approve {n} orders"), lazy("Approve order"), lazy("Keep held"),
    ),
    BulkAction(
        "refill", lazy("Refill"), lazy("Refill orders"), "arrow-path", AFTERCARE, REFILL.states,
        partial(request_all, REFILL), describe_refills,
    ),
    BulkAction(
        "cancel", lazy("Cancel"), lazy("Cancel orders"), "x-circle", AFTERCARE, CANCEL.states,
        partial(request_all, CANCEL), describe_cancels,
        lazy("The providers decide what they can still cancel. We’ll update each order when its provider responds."),
        lazy("Cancel {n} orders"), lazy("Cancel order"), lazy("Keep orders"),
    ),
    BulkAction(
        "check", lazy("Check now"), lazy("Check orders"), "signal", "orders.change_order", statuses.OPEN,
        check_all, checked_message,
    ),
    BulkAction(
        "again", lazy("Order again"), lazy("Order rejected orders again"), "arrow-path", "orders.add_order",
        frozenset({"rejected"}), order_all_again, _repeated_message,
        lazy("Each new order is charged and links to the rejected one."),
        lazy("Place {n} orders"), lazy("Place order"), lazy("Go back"),
    ),
    BulkAction(
        "withdraw", lazy("Withdraw"), lazy("Withdraw orders"), "arrow-uturn-left", "orders.change_order",
        statuses.UNSENT, withdraw_all, _withdrawn_message,
        lazy("Only orders that haven’t been sent are withdrawn. They cost nothing."),
        lazy("Withdraw {n} orders"), lazy("Withdraw order"), lazy("Keep orders"),
    ),
)  # fmt: skip
