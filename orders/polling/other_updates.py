"""Write statuses of refills and product orders the way :mod:`orders.polling.order_updates` does for orders."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F

from orders import statuses
from orders.models import ChargeDelta, OrderEvent, ProductOrder, Refill
from orders.polling.order_updates import SHOWN_AFTER, Applied
from panelhub.db.bulk import insert_rows, lock_rows, update_rows
from providers.client.replies.scalars import storable_money
from providers.client.types import UNKNOWN_STATUS, ProductStatusRow, RefillStatusRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from providers.models import Provider

NOTE_LENGTH: Final = 500


def apply_refill_statuses(
    provider: Provider,
    rows: Sequence[Refill],
    answers: Mapping[str, Any],
    *,
    now: datetime,
    unasked: Collection[str] = (),
    poison: Collection[str] = (),
) -> Applied:
    """Write down where refills stand; ``answers`` are by the provider's refill id."""
    changed, events, silent = [], [], []
    for refill in rows:
        answer = answers.get(str(refill.external_id))
        if not isinstance(answer, RefillStatusRow):
            if refill.external_id not in unasked:
                silent.append(refill)
            continue
        status = refill.status if answer.status == UNKNOWN_STATUS else answer.status
        if (status, answer.word, 0) == (refill.status, refill.provider_status, refill.unknown_answers):
            continue
        finished = now if status in statuses.REFILL_FINAL else None
        changed.append((refill.pk, status, answer.word, 0, finished, refill.status, refill.provider_status))
        if status != refill.status or answer.status == UNKNOWN_STATUS:
            events.append((refill.pk, refill.order_id, refill.status, status, answer.word, {"refill": refill.pk}))
    with transaction.atomic():
        written = update_rows(
            Refill,
            ["status", "provider_status", "unknown_answers", "finished_at"],
            changed,
            carried={"was_status": "status", "was_word": "provider_status"},
            only_if="t.status = v.was_status AND t.provider_status = v.was_word",
        )
        insert_rows(
            OrderEvent,
            ("order", "before", "after", "words", "data"),
            [event[1:] for event in events if event[0] in written],
            kind="refill",
            at=now,
        )
        _count_silence(Refill, silent)
    return Applied(changed=len(written), moved=len(events), missing=len(silent))


def apply_product_statuses(
    provider: Provider,
    rows: Sequence[ProductOrder],
    answers: Mapping[str, Any],
    *,
    now: datetime,
    unasked: Collection[str] = (),
    poison: Collection[str] = (),
) -> Applied:
    """Write down where product orders stand; ``answers`` are by the provider's id of the product order."""
    changed, events, charges, silent = [], [], [], []
    for order in rows:
        answer = answers.get(str(order.external_id))
        if not isinstance(answer, ProductStatusRow):
            if order.external_id not in unasked:
                silent.append(order)
            continue
        new = _state_of(order, answer, provider, now)
        if new == _state_now(order):
            continue
        changed.append((order.pk, *_sealed(order, new), order.status, order.provider_status))
        if new[0] != order.status or answer.status == UNKNOWN_STATUS:
            kind = "reopened" if order.status in statuses.FINAL and new[0] != order.status else "state"
            events.append((order.pk, kind, order.status, new[0], answer.word))
        if new[2] != order.charge:
            charges.append((order.pk, new[2] - (order.charge or Decimal(0)), new[4]))
    with transaction.atomic():
        stands = _standing([pk for pk, *_rest in charges], rows)
        written = update_rows(
            ProductOrder,
            _PRODUCT_COLUMNS,
            [row for row in changed if stands.get(row[0], True)],
            carried={"was_status": "status", "was_word": "provider_status"},
            only_if="t.status = v.was_status AND t.provider_status = v.was_word",
        )
        insert_rows(
            OrderEvent,
            ("product_order", "kind", "before", "after", "words"),
            [event for event in events if event[0] in written],
            at=now,
        )
        insert_rows(
            ChargeDelta,
            ("product_order", "amount", "currency"),
            [charge for charge in charges if charge[0] in written],
            provider=provider.pk,
            at=now,
        )
        _count_silence(ProductOrder, silent)
    return Applied(changed=len(written), moved=len(events), missing=len(silent))


def _standing(pks: Sequence[int], rows: Sequence[ProductOrder]) -> dict[int, bool]:
    """Return which rows, locked from here on, still have the charge they were read with.

    Another look may have written the same charge meanwhile without a new state: its difference counts once.
    """
    if not pks:
        return {}
    read = {row.pk: row.charge for row in rows}
    locked = ProductOrder.objects.filter(pk__in=pks).order_by("pk").select_for_update()
    return dict.fromkeys(pks, False) | {pk: charge == read[pk] for pk, charge in locked.values_list("pk", "charge")}


_PRODUCT_COLUMNS: Final = (
    "status",
    "provider_status",
    "charge",
    "remains",
    "currency",
    "result",
    "provider_note",
    "unknown_answers",
    "moved_at",
    "finished_at",
    "reopened_at",
)


def _state_now(order: ProductOrder) -> tuple[Any, ...]:
    return tuple(getattr(order, name) for name in _PRODUCT_COLUMNS)


def _state_of(order: ProductOrder, answer: ProductStatusRow, provider: Provider, now: datetime) -> tuple[Any, ...]:
    """Return the columns of a product order after an answer, in the order of ``_PRODUCT_COLUMNS``."""
    if answer.status == UNKNOWN_STATUS:
        status, _word, *rest = _state_now(order)
        return (status, answer.word, *rest[:5], 0, *rest[6:])
    charge = storable_money(answer.charge)
    remains = order.remains if answer.remains is None else answer.remains
    moved = answer.status != order.status or remains != order.remains
    was_final, is_final = order.status in statuses.FINAL, answer.status in statuses.FINAL
    finished = order.finished_at if was_final == is_final else now if is_final else None
    return (
        answer.status,
        answer.word,
        order.charge if charge is None else charge,
        remains,
        order.currency or provider.currency,
        order.result if answer.result is None else answer.result,
        order.provider_note if answer.note is None else answer.note[:NOTE_LENGTH],
        0,
        now if moved else order.moved_at,
        finished,
        now if was_final and answer.status != order.status else order.reopened_at,
    )


def _sealed(order: ProductOrder, new: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the columns as they are written: what leads to the goods is encrypted like these."""
    place = _PRODUCT_COLUMNS.index("result")
    sealed = ProductOrder._meta.get_field("result").seal(new[place], order)
    return (*new[:place], sealed, *new[place + 1 :])


def _count_silence(model: type[Refill | ProductOrder], silent: Sequence[Any]) -> None:
    counted = [row.pk for row in silent if row.unknown_answers < SHOWN_AFTER]
    if counted:
        with transaction.atomic():
            lock_rows(model, counted)
            model.objects.filter(pk__in=counted, unknown_answers__lt=SHOWN_AFTER).update(
                unknown_answers=F("unknown_answers") + 1
            )
