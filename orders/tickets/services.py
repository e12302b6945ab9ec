"""Write to providers about orders: the text their support forms take, noted on each order, and marked when answered.

The protocol has no request to speed an order up and no complaint, so a person pastes the text into the panel's form.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from orders.models import Order, OrderEvent, Ticket, TicketOrder
from orders.placement.form_tokens import scope_token
from orders.placement.services import plain_words
from panelhub import audit

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

MOST_ORDERS: Final = 1_000
REMIND_DAYS: Final = 2
MOST_DAYS: Final = 60
SOURCE: Final = "ticket"


class NotNow(ValueError):
    """The step isn't possible; the text says why."""


def open_tickets(
    orders: QuerySet[Order],
    *,
    kind: str,
    by: Any,
    form_token: uuid.UUID,
    remind_days: int = REMIND_DAYS,
    request: HttpRequest | None = None,
) -> list[Ticket]:
    """Open one ticket for each provider of ``orders``, which ``by`` may see, and note it on each order.

    Orders without a provider's id are left out; raises :class:`NotNow` when none is left, and for more than
    :data:`MOST_ORDERS`. The same form gives the same tickets. Seven statements, and one for each provider.
    """
    token = scope_token(form_token, user=by, source=SOURCE)
    made = list(Ticket.objects.filter(form_token=token).order_by("pk"))
    if made:
        return made
    placed = orders.filter(external_id__isnull=False).order_by("pk")
    rows = list(placed.values_list("pk", "provider_id")[: MOST_ORDERS + 1])
    if not rows:
        raise NotNow(_("None of these orders has a provider ID."))
    if len(rows) > MOST_ORDERS:
        raise NotNow(_("Select at most %(count)s orders.") % {"count": MOST_ORDERS})
    now = timezone.now()
    remind_at = now + timedelta(days=remind_days) if remind_days else None
    try:
        with transaction.atomic():
            for provider_id in sorted({provider_id for _pk, provider_id in rows}):
                ticket = Ticket.objects.create(
                    provider_id=provider_id, kind=kind, created_by=by, form_token=token, remind_at=remind_at
                )
                made.append(ticket)
                keys = [pk for pk, owner in rows if owner == provider_id]
                TicketOrder.objects.bulk_create(TicketOrder(ticket=ticket, order_id=pk) for pk in keys)
                words = _("Wrote to the provider: %(kind)s (ticket #%(pk)s)")
                _note(keys, words % {"kind": ticket.get_kind_display(), "pk": ticket.pk}, by=by)
                audit.record(by, "ticket.opened", ticket, request=request, orders=keys, kind=kind)
    except IntegrityError:
        return list(Ticket.objects.filter(form_token=token).order_by("pk"))
    return made


def answer_ticket(ticket: Ticket, *, by: Any, answer: str = "", request: HttpRequest | None = None) -> None:
    """Mark a ticket as answered, with the provider's words if there are any; raises :class:`NotNow` when it is."""
    words = plain_words(answer)[:1000]
    with transaction.atomic():
        moved = Ticket.objects.filter(pk=ticket.pk, answered_at__isnull=True).update(
            answered_at=timezone.now(), answered_by=by, answer=words
        )
        if not moved:
            raise NotNow(_("This ticket was already answered."))
        keys = list(TicketOrder.objects.filter(ticket=ticket).values_list("order_id", flat=True))
        said = _("Ticket #%(pk)s was answered") % {"pk": ticket.pk}
        _note(keys, f"{said}: {words}" if words else said, by=by)
        audit.record(by, "ticket.answered", ticket, request=request)


def remind_again(ticket: Ticket, *, days: int, by: Any, request: HttpRequest | None = None) -> None:
    """Remind the author in so many days, as long as the ticket isn't answered; raises :class:`NotNow` when it is."""
    with transaction.atomic():
        remind_at = timezone.now() + timedelta(days=days)
        if not Ticket.objects.filter(pk=ticket.pk, answered_at__isnull=True).update(remind_at=remind_at):
            raise NotNow(_("This ticket was already answered."))
        audit.record(by, "ticket.postponed", ticket, request=request, days=days)


def text_of(kind: str, ids: Sequence[str]) -> str:
    """Return what a panel's support form takes: ids by comma and the request, in English as panels have it."""
    with override("en"):
        return f"{','.join(ids)} {Ticket.Kind(kind).label}"


def _note(keys: Sequence[int], words: str, *, by: Any) -> None:
    OrderEvent.objects.bulk_create(
        OrderEvent(order_id=pk, kind=OrderEvent.Kind.NOTE, actor=by, words=words[:1000]) for pk in keys
    )
