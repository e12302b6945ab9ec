"""Statuses of orders, written down: one set-based statement a batch, and history only for what changed.

Rows are compared as the database gave them, without model instances: at a hundred thousand open
orders that is what the time goes into. A row is written only if it still stands as it was read
(status, word and charge), so of two workers with the same answer one writes, and history has it once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from orders import states
from orders.models import ChargeDelta, Order, OrderEvent
from panelhub.setwise import insert_rows, update_rows
from providers.wire.figures import storable_money
from providers.wire.values import UNKNOWN_STATUS, RowError, StatusRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from providers.models import Provider

SHOWN_AFTER: Final = 5
"""So many tries in a row without an answer for its id, and an order is shown to staff."""

COLUMNS: Final = (
    "pk",
    "external_id",
    "status",
    "provider_status",
    "charge",
    "start_count",
    "remains",
    "currency",
    "tier",
    "unknown_answers",
    "started_at",
)
_STARTED_BY: Final = frozenset({"processing", "in_progress", "completed", "partial"})
_TENTH_PLACE: Final = 5e-11

# Moments a row may bring with it, as bits: all are "now", so they need not travel.
MOVED, STARTED, FINISHED, REOPENED, UNFINISHED = 1, 2, 4, 8, 16
_SETS: Final = {
    "moved_at": f"CASE WHEN (v.marks & {MOVED}) > 0 THEN %s ELSE t.moved_at END",
    "started_at": f"CASE WHEN (v.marks & {STARTED}) > 0 THEN %s ELSE t.started_at END",
    "finished_at": (
        f"CASE WHEN (v.marks & {FINISHED}) > 0 THEN %s WHEN (v.marks & {UNFINISHED}) > 0 THEN NULL "
        "ELSE t.finished_at END"
    ),
    "reopened_at": f"CASE WHEN (v.marks & {REOPENED}) > 0 THEN %s ELSE t.reopened_at END",
    "unknown_answers": "0",
    "unknown_since": "NULL",
}
_CARRIED: Final = {
    "marks": "tier",
    "was_status": "status",
    "was_word": "provider_status",
    "was_charge": "charge",
}
_AS_READ: Final = {
    "postgresql": "t.charge IS NOT DISTINCT FROM v.was_charge",
    "sqlite": "t.charge IS v.was_charge",
}


@dataclass(slots=True)
class Applied:
    """What one batch came to: rows written, of them with a new status, and rows without an answer."""

    changed: int = 0
    moved: int = 0
    missing: int = 0


@dataclass(slots=True)
class _Changes:
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    charges: list[tuple[Any, ...]] = field(default_factory=list)
    children: dict[int, tuple[str, ...]] = field(default_factory=dict)
    silent: list[tuple[int, int, str]] = field(default_factory=list)


def read_rows(orders: QuerySet[Any], columns: Sequence[str] = COLUMNS) -> list[tuple[Any, ...]]:
    """The columns of ``orders`` as the database has them, past Django's conversions."""
    statement, parameters = orders.values_list(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def apply_statuses(
    provider: Provider,
    rows: Sequence[tuple[Any, ...]],
    answers: Mapping[str, StatusRow | RowError],
    *,
    now: datetime,
    unasked: Collection[str] = (),
    poison: Collection[str] = (),
) -> Applied:
    """Write down what the provider answered about ``rows`` (of :func:`read_rows`).

    ``poison`` ids spoilt a whole batch: their orders are asked about less often.
    """
    changes = _Changes()
    for row in rows:
        answer = answers.get(row[1])
        if isinstance(answer, StatusRow):
            _compare(row, answer, provider, changes)
        elif row[1] not in unasked:
            changes.silent.append((row[0], row[9], answer.error if answer is not None else ""))
    written = _write(provider, changes, now)
    poisoned = [row[0] for row in rows if row[1] in poison]
    if poisoned:
        Order.objects.filter(pk__in=poisoned, tier__in=(Order.Tier.NEW, Order.Tier.MOVING)).update(tier=Order.Tier.SLOW)
    _count_silence(changes.silent, now)
    moved = sum(1 for event in changes.events if event[0] in written and event[2] != event[3])
    return Applied(changed=len(written), moved=moved, missing=len(changes.silent))


def _compare(row: tuple[Any, ...], answer: StatusRow, provider: Provider, changes: _Changes) -> None:
    """Note what an answer changes of a row; nothing when it changes nothing."""
    pk, _id, status, word, charge, start_count, remains, currency, tier, unknown_answers, started_at = row
    if answer.status == UNKNOWN_STATUS:
        if answer.word != word:
            changes.rows.append(
                (pk, status, answer.word, charge, start_count, remains, currency, tier, 0, status, word, charge)
            )
            changes.events.append((pk, "state", status, status, answer.word))
        elif unknown_answers:
            changes.rows.append((pk, *row[2:9], 0, status, word, charge))
        return
    marks = 0
    new_currency = answer.currency or currency or provider.currency
    new_start = start_count if answer.start_count is None else answer.start_count
    new_remains = remains
    if answer.remains is not None and answer.remains != remains:
        new_remains, marks = answer.remains, MOVED
    new_charge = charge
    if answer.charge is not None and not _is_same_money(charge, answer.charge):
        new_charge = _note_charge(pk, charge, answer.charge, currency, new_currency, changes)
    if answer.status != status:
        marks |= MOVED | _mark_states(status, answer.status, has_started=started_at is not None)
        kind = "reopened" if marks & REOPENED else "state"
        changes.events.append((pk, kind, status, answer.status, answer.word))
    elif answer.word != word and word:
        changes.events.append((pk, "state", status, status, answer.word))
    if answer.children:
        changes.children[pk] = answer.children
    if (
        marks
        or answer.word != word
        or new_charge != charge
        or new_start != start_count
        or new_currency != currency
        or unknown_answers
    ):
        new_tier = _tier_after(answer.status, tier) if marks else tier
        changes.rows.append(
            (
                pk,
                answer.status,
                answer.word,
                new_charge,
                new_start,
                new_remains,
                new_currency,
                new_tier,
                marks,
                status,
                word,
                charge,
            )
        )


def _mark_states(before: str, after: str, *, has_started: bool) -> int:
    marks = 0
    if not has_started and after in _STARTED_BY:
        marks |= STARTED
    if before in states.FINAL:
        marks |= REOPENED | (UNFINISHED if after not in states.FINAL else 0)
    elif after in states.FINAL:
        marks |= FINISHED
    return marks


def _tier_after(status: str, tier: int) -> int:
    """The tier of an order that has just moved."""
    if status in states.FINAL:
        return int(Order.Tier.SLOW)
    return tier if tier == Order.Tier.NEW else int(Order.Tier.MOVING)


def _is_same_money(stored: Any, said: Decimal) -> bool:
    """Whether a column already holds an amount. SQLite keeps money as a float of fifteen sure digits."""
    if stored is None:
        return False
    if isinstance(stored, Decimal):
        return stored == said or stored == storable_money(said)
    return math.isclose(stored, float(said), rel_tol=1e-15, abs_tol=_TENTH_PLACE)


def _note_charge(
    pk: int, stored: Any, said: Decimal, currency: str, new_currency: str, changes: _Changes
) -> Decimal | Any:
    """The amount to store, its difference noted; the stored one when the said one fits no column."""
    amount = storable_money(said)
    if amount is None:
        return stored
    former = Decimal(0) if stored is None else storable_money(Decimal(str(stored))) or Decimal(0)
    if currency and currency != new_currency and former:
        changes.charges.append((pk, -former, currency))
        changes.charges.append((pk, amount, new_currency))
    elif amount != former:
        changes.charges.append((pk, amount - former, new_currency))
    return amount


def _write(provider: Provider, changes: _Changes, now: datetime) -> set[int]:
    if not changes.rows and not changes.children:
        return set()
    if not (changes.events or changes.charges or changes.children):
        return _update(changes.rows, now)
    with transaction.atomic():
        written = _update(changes.rows, now)
        insert_rows(
            OrderEvent,
            ("order", "kind", "before", "after", "words"),
            [event for event in changes.events if event[0] in written],
            at=now,
        )
        insert_rows(
            ChargeDelta,
            ("order", "amount", "currency"),
            [charge for charge in changes.charges if charge[0] in written],
            provider=provider.pk,
            at=now,
        )
        return written | _add_children(changes.children)


def _update(rows: Sequence[tuple[Any, ...]], now: datetime) -> set[int]:
    moment = connection.ops.adapt_datetimefield_value(now)
    return update_rows(
        Order,
        COLUMNS[2:9],
        rows,
        carried=_CARRIED,
        sets=_SETS,
        sets_parameters=[moment] * 4,
        only_if=f"t.status = v.was_status AND t.provider_status = v.was_word AND {_AS_READ[connection.vendor]}",
    )


def _add_children(found: Mapping[int, tuple[str, ...]]) -> set[int]:
    """Add the ids of the orders that a drip-feed or subscription made; known ones stay, in their place."""
    if not found:
        return set()
    known = dict(Order.objects.filter(pk__in=found).values_list("pk", "children"))
    grown = [
        (pk, list(dict.fromkeys([*known[pk], *children])))
        for pk, children in found.items()
        if pk in known and not set(children) <= set(known[pk])
    ]
    return update_rows(Order, ["children"], grown)


def _count_silence(silent: Sequence[tuple[int, int, str]], now: datetime) -> None:
    """Count the tries that brought no answer; the one that makes an order shown is told in its timeline.

    Beyond that nothing is written, so that an id which stays unknown costs nothing.
    """
    counted = [pk for pk, tries, _error in silent if tries < SHOWN_AFTER]
    if not counted:
        return
    with transaction.atomic():
        Order.objects.filter(pk__in=counted, unknown_answers__lt=SHOWN_AFTER).update(
            unknown_answers=F("unknown_answers") + 1, unknown_since=Coalesce("unknown_since", now)
        )
        last = [(pk, error) for pk, tries, error in silent if tries == SHOWN_AFTER - 1]
        insert_rows(OrderEvent, ("order", "words"), last, kind="warning", at=now, data={"unanswered": SHOWN_AFTER})
