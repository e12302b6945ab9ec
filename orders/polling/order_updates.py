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

from orders import statuses
from orders.link_hooks import Seen, links_answered, links_changed, lock_chains
from orders.models import ChargeDelta, Order, OrderEvent
from orders.polling.update_statements import CHARGE, CURRENCY, REMAINS, SILENCE, START, STATE, shape_of
from panelhub.db.bulk import insert_rows, lock_rows, update_rows
from providers.client.replies.scalars import storable_money
from providers.client.types import UNKNOWN_STATUS, RowError, StatusRow

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
    "unknown_answers",
    "chain_id",
)
_RESTS: Final = frozenset({"partial", "canceled"})
_TENTH_PLACE: Final = 5e-11


@dataclass(slots=True)
class Applied:
    """What one batch came to: rows written, of them with a new status, and rows without an answer."""

    changed: int = 0
    moved: int = 0
    missing: int = 0


@dataclass(slots=True)
class _Changes:
    """What is to be written: ``(pk, *COLUMNS[2:8], status, word, charge)``, the last three as they were read."""

    bits: int = 0
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    charges: list[tuple[Any, ...]] = field(default_factory=list)
    children: dict[int, tuple[str, ...]] = field(default_factory=dict)
    silent: list[tuple[int, int, str]] = field(default_factory=list)
    # Orders of chains: those that change, by the key of the chain, and what was answered about a rest.
    chained: dict[int, int] = field(default_factory=dict)
    rests: dict[int, Seen] = field(default_factory=dict)


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
    """Save what the provider answered about ``rows`` (of :func:`read_rows`).

    ``poison`` ids made a whole batch fail: their orders are polled less often.
    """
    changes = _Changes()
    for row in rows:
        answer = answers.get(row[1])
        if isinstance(answer, StatusRow):
            _compare(row, answer, provider, changes)
        elif row[1] not in unasked:
            changes.silent.append((row[0], row[8], answer.error if answer is not None else ""))
    written = _write(provider, changes, now)
    links_answered(changes.rests)
    poisoned = [row[0] for row in rows if row[1] in poison]
    if poisoned:
        with transaction.atomic():
            lock_rows(Order, poisoned)
            new = Order.objects.filter(pk__in=poisoned, tier__in=(Order.Tier.NEW, Order.Tier.MOVING))
            new.update(tier=Order.Tier.SLOW)
    _count_silence(changes.silent, now)
    moved = sum(1 for event in changes.events if event[0] in written and event[2] != event[3])
    return Applied(changed=len(written), moved=moved, missing=len(changes.silent))


def _compare(row: tuple[Any, ...], answer: StatusRow, provider: Provider, changes: _Changes) -> None:
    """Note what an answer changes of a row; nothing when it changes nothing."""
    pk, _id, status, word, charge, start_count, remains, currency, unknown_answers, chain = row
    bits = SILENCE if unknown_answers else 0
    new_status, new_charge, new_start, new_remains, new_currency = status, charge, start_count, remains, currency
    if answer.word != word:
        bits |= STATE
    if answer.status != UNKNOWN_STATUS:
        if answer.status != status:
            bits |= STATE
            new_status = answer.status
        if answer.start_count is not None and answer.start_count != start_count:
            bits |= START
            new_start = answer.start_count
        if answer.remains is not None and answer.remains != remains:
            bits |= REMAINS
            new_remains = answer.remains
        if (said := answer.currency or currency or provider.currency) != currency:
            bits |= CURRENCY
            new_currency = said
        if answer.charge is not None and not _is_same_money(charge, answer.charge):
            new_charge = _note_charge(pk, charge, answer.charge, currency, new_currency, changes)
            bits |= CHARGE
        if answer.children:
            changes.children[pk] = answer.children
    if chain is not None and new_status in _RESTS:
        changes.rests[pk] = Seen(new_status, answer.word, new_remains)
    if not bits:
        return
    if chain is not None and bits & (STATE | CHARGE | REMAINS):
        changes.chained[pk] = chain
    if bits & STATE:
        _note_event(pk, status, new_status, word, answer, changes)
    changes.bits |= bits
    changes.rows.append(
        (
            pk,
            new_status,
            answer.word,
            new_charge,
            new_start,
            new_remains,
            new_currency,
            status,
            word,
            charge,
        )
    )


def _note_event(pk: int, before: str, after: str, word: str, answer: StatusRow, changes: _Changes) -> None:
    """History is for what changed: the first word of an order that stands as it did is no news."""
    if before != after:
        changes.events.append((pk, "reopened" if before in statuses.FINAL else "state", before, after, answer.word))
    elif word or answer.status == UNKNOWN_STATUS:
        changes.events.append((pk, "state", before, after, answer.word))


def _is_same_money(stored: Any, said: Decimal) -> bool:
    """Return whether a column already holds an amount. SQLite stores money as a float with 15 exact digits."""
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
    former = Decimal(0) if stored is None else stored if isinstance(stored, Decimal) else Decimal(repr(stored))
    if currency and currency != new_currency and former:
        changes.charges.append((pk, -former, currency))
        changes.charges.append((pk, amount, new_currency))
    elif amount != former:
        changes.charges.append((pk, amount - former, new_currency))
    return amount


def _write(provider: Provider, changes: _Changes, now: datetime) -> set[int]:
    if not changes.rows and not changes.children:
        return set()
    if not (changes.events or changes.charges or changes.children or changes.chained):
        return _update(changes, now)
    with transaction.atomic():
        lock_chains(changes.chained.values())
        if changes.children:
            # Two statements: the second may want rows before those of the first.
            lock_rows(Order, {*(row[0] for row in changes.rows), *changes.children})
        written = _update(changes, now)
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
        links_changed([pk for pk in changes.chained if pk in written])
        return written | _add_children(changes.children)


def _update(changes: _Changes, now: datetime) -> set[int]:
    if not changes.rows:
        return set()
    shape = shape_of(changes.bits, connection.vendor)
    return update_rows(
        Order,
        shape.columns,
        [shape.pick(row) for row in changes.rows],
        carried=shape.carried,
        sets=shape.sets,
        sets_parameters=[connection.ops.adapt_datetimefield_value(now)] * shape.moments,
        only_if=shape.only_if,
        locked=bool(changes.children),
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
    return update_rows(Order, ["children"], grown, locked=True)


def _count_silence(silent: Sequence[tuple[int, int, str]], now: datetime) -> None:
    """Count the polls without an answer; the one that makes an order show as missing is added to its timeline.

    Beyond that nothing is written, so that an id which stays unknown costs nothing.
    """
    counted = [pk for pk, tries, _error in silent if tries < SHOWN_AFTER]
    if not counted:
        return
    with transaction.atomic():
        lock_rows(Order, counted)
        Order.objects.filter(pk__in=counted, unknown_answers__lt=SHOWN_AFTER).update(
            unknown_answers=F("unknown_answers") + 1, unknown_since=Coalesce("unknown_since", now)
        )
        last = [(pk, error) for pk, tries, error in silent if tries == SHOWN_AFTER - 1]
        insert_rows(OrderEvent, ("order", "words"), last, kind="warning", at=now, data={"unanswered": SHOWN_AFTER})
