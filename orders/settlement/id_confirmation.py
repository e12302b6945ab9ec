"""Confirm an adoption: request the id's state from the provider, then take the id over, retry later or fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import Client, Order, OrderEvent, PaidCall, ProductOrder, Refill, Settlement
from orders.polling.order_updates import apply_statuses, read_rows
from orders.polling.other_updates import apply_product_statuses, apply_refill_statuses
from orders.settlement.services import (
    CannotSettle,
    lock_unconfirmed,
    move,
    note_settled,
    sent_at,
)
from orders.submission.call_types import (
    CALL_TYPES,
    ORDERS,
    PRODUCT_ORDERS,
    REFILLS,
    CallType,
    call_type_of,
)
from panelhub import audit
from providers.accounts.connection_test import explain
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.calls.services import calling
from providers.client.errors import NotSupported, OrderRefused, ProviderError
from providers.dialects import Action
from providers.models import Product

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from providers.client.client import PanelClient
    from providers.models import Provider


MOST_ASKS: Final = 6
FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = timedelta(minutes=15)
State = Settlement.State


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Describe how an id of one kind is confirmed: the action that reads its state, and where it may be in use."""

    action: Action
    ask: Callable[[PanelClient, str], Any]
    holders: Callable[[Provider, str], Any]


CONFIRMATIONS: Mapping[str, Confirmation] = {
    ORDERS.slug: Confirmation(
        Action.status,
        lambda client, one: client.status(one),
        lambda provider, one: Order.objects.filter(provider=provider, external_id=one),
    ),
    PRODUCT_ORDERS.slug: Confirmation(
        Action.product_order_status,
        lambda client, one: client.product_status(one),
        lambda provider, one: ProductOrder.objects.filter(provider=provider, external_id=one),
    ),
    REFILLS.slug: Confirmation(
        Action.refill_status,
        lambda client, one: client.refill_status(one),
        lambda provider, one: Refill.objects.filter(order__provider=provider, external_id=one),
    ),
}


_KINDS: Final = {kind.slug: kind for kind in CALL_TYPES}


def find_waiting(pk: int) -> Any:
    return Settlement.objects.filter(pk=pk, state=State.WAITING)


def check_id_is_free(kind: CallType, provider: Provider, external_id: str) -> None:
    """Raise :class:`CannotSettle`, naming who has it, when an id is on another row or belongs to a parent of ours."""
    holder = CONFIRMATIONS[kind.slug].holders(provider, external_id).first()
    if holder is not None:
        raise CannotSettle(
            _("%(id)s at %(provider)s is already %(what)s (%(status)s).")
            % {"id": external_id, "provider": provider, "what": name_of(holder), "status": holder.get_status_display()}
        )
    if kind is ORDERS and (parent := parent_of(provider, external_id)) is not None:
        raise CannotSettle(
            _("%(id)s at %(provider)s is part of %(what)s.")
            % {"id": external_id, "provider": provider, "what": name_of(parent)}
        )


def name_of(row: PaidCall) -> str:
    """A row as it is called in a sentence."""
    if isinstance(row, Refill):
        return _("a refill of order #%(pk)s") % {"pk": row.order_id}
    return (_("product order #%(pk)s") if isinstance(row, ProductOrder) else _("order #%(pk)s")) % {"pk": row.pk}


def parent_of(provider: Provider, external_id: str) -> Order | None:
    """The order of ours for which the provider made ``external_id`` (a run of a drip-feed, a post's order)."""
    parents = Order.objects.filter(provider=provider).exclude(children=[]).only("pk", "children", "status")
    return next((one for one in parents.iterator() if external_id in map(str, one.children)), None)


def confirm(pk: int) -> Settlement | None:
    """Check a waiting adoption with the provider and finish it; ``None`` when it does not wait (any more).

    A failed call leaves it waiting, at most :data:`MOST_ASKS` times and a quarter of an hour.
    """
    made: Settlement | None = (
        find_waiting(pk).select_related("provider", "by", "order", "refill__order", "product_order").first()
    )
    if made is None:
        return None
    kind, how, provider = _KINDS[made.kind], CONFIRMATIONS[made.kind], made.provider
    try:
        # Also while the breaker is open: lost replies are what opens it, and a person is waiting.
        with calling(provider, how.action, priority=CallPriority.CLICK) as client:
            answered = how.ask(client, made.external_id)
    except (OrderRefused, NotSupported) as refusal:
        words = refusal.error if isinstance(refusal, OrderRefused) else str(refusal)
        return _fail(
            made, _("The provider doesn’t recognize %(id)s: %(words)s") % {"id": made.external_id, "words": words}
        )
    except BudgetExhausted as trouble:
        return _put_off(made, explain(trouble), wait=timedelta(seconds=trouble.seconds))
    except ProviderError as trouble:
        return _put_off(made, str(trouble))
    try:
        with transaction.atomic():
            take_over(made, kind, answered)
    except CannotSettle as reason:
        return _fail(made, str(reason))
    except IntegrityError:
        return _fail(made, _("Another order already has %(id)s.") % {"id": made.external_id})
    return made


def _put_off(made: Settlement, why: str, *, wait: timedelta | None = None) -> Settlement:
    """Retry later; after ``wait``, where no call was made because of the budget."""
    now = timezone.now()
    asked = made.asked + (wait is None)
    if asked >= MOST_ASKS or now - made.at > LONGEST_WAIT:
        return _fail(made, _("Couldn’t reach the provider: %(why)s") % {"why": why})
    wait = wait or timedelta(seconds=FIRST_WAIT * 2**made.asked)
    find_waiting(made.pk).update(asked=asked, not_before=now + wait, answer=why[:1000])
    return made


def _fail(made: Settlement, why: str) -> Settlement:
    with transaction.atomic():
        failed = find_waiting(made.pk).update(state=State.FAILED, answer=why[:1000], finished_at=timezone.now())
        if failed and (row := subject(made)) is not None:
            words = _("Not adopted as %(id)s. %(why)s") % {"id": made.external_id, "why": why}
            OrderEvent.objects.bulk_create([_note(made, row, words)])
    made.state, made.answer = State.FAILED, why[:1000]
    return made


def _note(made: Settlement, row: Any, words: str) -> OrderEvent:
    line = OrderEvent(kind=OrderEvent.Kind.NOTE, actor=made.by, words=words[:1000])
    if isinstance(row, ProductOrder):
        line.product_order = row
    else:
        line.order_id = row.pk if isinstance(row, Order) else row.order_id
    return line


def subject(made: Settlement) -> Any:
    """The row that a settlement is about; ``None`` for one that is to be made."""
    return made.order or made.refill or made.cancellation or made.product_order


def take_over(made: Settlement, kind: CallType, answered: Any) -> None:
    """Finish an adoption with what the provider said, inside a transaction; raises CannotSettle, IntegrityError."""
    now = timezone.now()
    if not find_waiting(made.pk).update(state=State.DONE, finished_at=now):
        raise CannotSettle(_("It is already resolved."))
    check_id_is_free(kind, made.provider, made.external_id)
    row = subject(made)
    if row is None:
        row = _make_product_order(made) if kind is PRODUCT_ORDERS else _make_order(made)
        setattr(made, kind.subject, row)
        Settlement.objects.filter(pk=made.pk).update(**{kind.subject: row})
        note_settled_elsewhere(made, row)
    else:
        row = lock_unconfirmed(kind, row.pk)
        placed = {"external_id": made.external_id, "placed_at": sent_at(row) or now, "error": ""}
        move(kind, row.pk, to=kind.machine.accepted, changes=placed)
        note_settled(kind, row, made, after=kind.machine.accepted)
    _apply(made, kind, row, answered, now)
    made.state = State.DONE


def _make_order(made: Settlement) -> Order:
    return Order.objects.create(
        provider=made.provider,
        external_id=made.external_id,
        status=ORDERS.machine.accepted,
        currency=made.provider.currency,
        adopted=True,
        created_by=made.by,
        **_noted(made),
    )


def _make_product_order(made: Settlement) -> ProductOrder:
    product = Product.objects.filter(pk=made.details.get("product"), provider=made.provider).first()
    return ProductOrder.objects.create(
        provider=made.provider,
        product=product,
        quantity=made.details["quantity"],
        external_id=made.external_id,
        status=PRODUCT_ORDERS.machine.accepted,
        currency=made.provider.currency,
        created_by=made.by,
        **_noted(made),
    )


def _noted(made: Settlement) -> dict[str, Any]:
    """Return what the person who adopts it wrote about the order: a note, and whom it is for."""
    client = Client.objects.filter(pk=made.details.get("client")).first()
    label = client.name if client else made.details.get("client_label", "")
    markup = client.markup if client else None
    return {"note": made.details.get("note", ""), "client": client, "client_label": label, "markup": markup}


def _apply(made: Settlement, kind: CallType, row: Any, answered: Any, now: datetime) -> None:
    """Write the state that confirmed an id, as a later look at it would."""
    answers = {made.external_id: answered}
    if kind is ORDERS:
        apply_statuses(made.provider, read_rows(Order.objects.filter(pk=row.pk)), answers, now=now)
        return
    apply = apply_refill_statuses if kind is REFILLS else apply_product_statuses
    apply(made.provider, [kind.model.objects.get(pk=row.pk)], answers, now=now)


def note_settled_elsewhere(made: Settlement, order: Order | ProductOrder) -> None:
    """Write into timeline and audit record that an order placed elsewhere was taken over."""
    data: dict[str, Any] = {"external_id": made.external_id, "way": made.way}
    kind = call_type_of(order)
    OrderEvent.objects.create(
        **{kind.subject: order},
        kind=OrderEvent.Kind.CREATED,
        actor=made.by,
        after=order.status,
        words=made.reason,
        data=data,
    )
    audit.record(made.by, f"{kind.slug}.adopted", order, made.reason, **data)


def due_adoptions() -> list[int]:
    """Keys of adoptions that wait and may be polled now."""
    now = timezone.now()
    waiting = Settlement.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), state=State.WAITING)
    return list(waiting.order_by("id").values_list("pk", flat=True)[:200])
