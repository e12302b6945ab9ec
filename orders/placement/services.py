"""How an order comes to be: checked, priced, and committed before anyone is notified it was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from orders import statuses
from orders.link_hooks import approve_link, links_changed, lock_chains, stop_chains
from orders.links import name_target
from orders.models import Order, OrderEvent, ProductOrder, opens_same
from orders.permissions import may_see_client
from orders.placement.approval import lock_as_seen, mark_of
from orders.placement.client_choice import choose_client, put_client
from orders.placement.form_tokens import ORDER_FORM, TokenReused, tokens_of
from orders.placement.price_growth import agree_to_amounts
from orders.placement.reserved_amounts import target_of
from orders.placement.spending_limits import Reservation, Spending, reserve
from orders.placement.validation import Checked, OrderInvalid, check_order, read_content
from panelhub.background.dispatch import notify_worker

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from providers.models import Service

__all__ = [
    "DuplicateLink",
    "OrderInvalid",
    "approve_order",
    "create_order",
    "same_link",
    "withdraw_order",
    "withdraw_orders",
]

STILL_OPEN = statuses.OPEN | {statuses.HELD, statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED}


class DuplicateLink(OrderInvalid):
    """Another open order at the same provider has this link; ordering it again must be confirmed."""

    def __init__(self, order: Order, *, is_hidden: bool = False) -> None:
        sentence = _("Order #%(pk)s for this link is still open (%(status)s). Select the box to order again.")
        if is_hidden:
            # Whoever is limited to clients is warned of other clients' orders, without their numbers.
            sentence = _("Another order for this link is still open. Select the box to order again.")
        super().__init__({"link": [sentence % {"pk": order.pk, "status": order.get_status_display()}]})
        self.order = None if is_hidden else order


def same_link(*, provider_id: int, link: str, platform: str = "") -> Order | None:
    """Return the newest open order at the same provider for what ``link`` opens for a service of ``platform``."""
    if not link:
        return None
    return (
        Order.objects.filter(opens_same(link, platform), provider_id=provider_id, status__in=STILL_OPEN)
        .order_by("-id")
        .first()
    )


def create_order(
    *,
    user: Any,
    service: Service,
    fields: Mapping[str, Any],
    form_token: uuid.UUID | None = None,
    source: str = ORDER_FORM,
    not_before: datetime | None = None,
    confirm_duplicate: bool = False,
    raw_allowed: bool = False,
    note: str = "",
    client_label: str = "",
    repeat_of: Order | None = None,
) -> Order:
    """Make one order for ``service`` from what was typed, queued and committed.

    The same ``form_token`` of the same person and ``source`` gives the same order, however often it is posted; with
    other content it raises :class:`TokenReused`. Raises :class:`OrderInvalid` with sentences per parameter,
    :class:`DuplicateLink` when another open order has the link and ``confirm_duplicate`` is not set.
    """
    if form_token is not None:
        # The token that an earlier version stored for a form still open since then was not scoped.
        kept_as = tokens_of(form_token, user=user, source=source)
        form_token = kept_as[0]
        made = Order.objects.filter(form_token__in=kept_as, created_by=user).first()
        if made is not None:
            return _same_as(made, service, fields)
    checked = check_order(service, fields, raw_allowed=raw_allowed)
    try:
        with transaction.atomic():
            if not confirm_duplicate:
                lock_link(service.provider_id, checked.link)
                twin = same_link(provider_id=service.provider_id, link=checked.link, platform=service.platform)
                if twin is not None and form_token is not None and twin.form_token == form_token:
                    return _same_as(twin, service, fields)
                if twin is not None:
                    raise DuplicateLink(twin, is_hidden=not may_see_client(user, twin.client_id))
            spending = Spending(checked.price.ceiling, service.provider.currency, target_of(service, checked.link))
            (taken,) = reserve(user, [spending])
            order = build_order(user, service, checked, form_token=form_token, not_before=not_before, taken=taken)
            order.note = plain_words(note)
            put_client(order, choose_client(user, client_label))
            order.repeat_of = repeat_of
            order.save()
            OrderEvent.objects.create(order=order, kind="created", actor=user, after=order.status)
            notify_worker("orders.submission.tasks.submit_provider", service.provider_id, queue="clicks")
    except IntegrityError:
        made = Order.objects.filter(form_token=form_token).first() if form_token else None
        if made is None:
            raise
        return _same_as(made, service, fields)
    return order


def _same_as(made: Order, service: Service, fields: Mapping[str, Any]) -> Order:
    """``made``, if it has the content that was typed; raises :class:`TokenReused` if it has another."""
    if made.service_id != service.pk or (made.link, made.quantity, made.parameters) != read_content(service, fields):
        raise TokenReused
    return made


def lock_link(provider_id: int, link: str) -> None:
    """Let no one else look for this link until this transaction has ended: of two at once, one sees the other's."""
    # On SQLite the transaction has had the one lock there is since it began.
    if link and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"order {provider_id} {name_target(link)}"]
            )


def build_order(
    user: Any,
    service: Service,
    checked: Checked,
    *,
    taken: Reservation,
    form_token: uuid.UUID | None = None,
    not_before: datetime | None = None,
    **link: Any,
) -> Order:
    """Return an order as it is placed, not saved yet; ``link`` are its fields as an order of a chain."""
    return Order(
        provider_id=service.provider_id,
        service=service,
        link=checked.link,
        quantity=checked.quantity,
        parameters=checked.parameters,
        status=statuses.HELD if taken.held_for else statuses.QUEUED,
        held_for=taken.held_for,
        reserved=taken.reserved,
        expected_charge=checked.price.expected,
        billed_quantity=checked.price.billed_quantity,
        rate=service.rate,
        currency=service.provider.currency,
        created_by=user,
        form_token=form_token,
        not_before=not_before,
        **link,
    )


def withdraw_order(order: Order, *, by: Any) -> bool:
    """Take an order back before it is sent, and stop its chain; ``False`` when it was too late."""
    with transaction.atomic():
        is_chained = stop_chains([order.pk], by=by)
        moved = Order.objects.filter(pk=order.pk, status__in=statuses.UNSENT).update(
            status=statuses.WITHDRAWN, claim=None
        )
        if moved:
            OrderEvent.objects.create(
                order=order, kind="state", actor=by, before=order.status, after=statuses.WITHDRAWN
            )
        if is_chained:
            links_changed([order.pk])
    return bool(moved)


def withdraw_orders(orders: QuerySet[Order], *, ids: Iterable[int], by: Any) -> list[int]:
    """Withdraw those of ``orders`` with ``ids`` that are not sent yet, in four statements; their keys.

    What a late answer says was accepted stays: a person decides about it on its own page.
    """
    with transaction.atomic():
        is_chained = stop_chains(orders.filter(pk__in=list(ids)).values("pk"), by=by)
        unsent = orders.filter(pk__in=list(ids), status__in=statuses.UNSENT).exclude(held_for=statuses.LATE_ANSWER)
        unsent = unsent.order_by("pk").select_for_update()
        found = dict(unsent.values_list("pk", "status"))
        if found:
            Order.objects.filter(pk__in=found).update(status=statuses.WITHDRAWN, claim=None)
            OrderEvent.objects.bulk_create(
                [
                    OrderEvent(order_id=pk, kind="state", actor=by, before=before, after=statuses.WITHDRAWN)
                    for pk, before in found.items()
                ]
            )
        if is_chained:
            links_changed(found)
    return list(found)


def approve_order(order: Order, *, by: Any) -> bool:
    """Let a held order out as it was seen; never by the person who made it when it waits for a second one.

    ``order`` is what ``by`` looked at, with the rate of its service. Returns ``False`` when it is not held
    for that any more. Raises :class:`OrderInvalid` for the same person, and when the rate moved since.
    """
    with transaction.atomic():
        if order.chain_id is not None:
            lock_chains([order.chain_id])
        current = lock_as_seen(order, by=by)
        if current is None:
            return False
        agreed = _agreed(current, by)
        approve_link(current, agreed, by=by)
        Order.objects.filter(pk=order.pk).update(
            status=statuses.QUEUED, held_for="", error="", approved_by=by, **agreed
        )
        words, data = mark_of(by)
        OrderEvent.objects.create(
            order=order,
            kind="state",
            actor=by,
            before=statuses.HELD,
            after=statuses.QUEUED,
            words=words,
            data=data,
        )
        notify_worker("orders.submission.tasks.submit_provider", order.provider_id, queue="clicks")
    return True


def _agreed(order: Order, by: Any) -> dict[str, Any]:
    """Approve an order at the current rate, and at no later one: what it costs, and takes of limits, follows that rate.

    What it takes more of one's own limit must still be left of it; raises :class:`LimitPassed`.
    """
    rate = {} if order.service is None or order.rate is None else {"rate": order.service.rate}
    return {**rate, **agree_to_amounts(order, by)}


# --- Notes ------------------------------------------------------------------------------------------------------------

LONGEST_NOTE: Final = 1_000


def plain_words(text: str) -> str:
    """Return what someone typed, without what no database and no page should hold, such as a NUL."""
    return "".join(mark for mark in text.replace("\r\n", "\n") if mark == "\n" or mark.isprintable()).strip()


def add_note(order: Order | ProductOrder, *, by: Any, text: str) -> OrderEvent:
    """Write a note of ``by`` into the order's timeline. Raises :class:`OrderInvalid` for none, and for too much."""
    plain = plain_words(text)
    if not plain:
        raise OrderInvalid({"note": [_("Enter a note.")]})
    if len(plain) > LONGEST_NOTE:
        raise OrderInvalid({"note": [_("This is too long: at most %(count)s characters.") % {"count": LONGEST_NOTE}]})
    subject = {"product_order" if isinstance(order, ProductOrder) else "order": order}
    return OrderEvent.objects.create(**subject, kind=OrderEvent.Kind.NOTE, actor=by, words=plain)
