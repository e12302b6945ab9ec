"""The law of promise 7, as a checker: what providers accepted, held against what the hub believes.

``check_conservation(ledger, providers)`` returns the violations as sentences, none when all is well. It works on any
ledger of the sandbox, that of a running one or of a file, so the fault run uses it as well as the state machine. Each
row must carry a mark of its own that the panel writes down: an order its ``link``, a product order its ``require``;
refills and cancels are marked by the id of their order.

    accepted there = placed here + lost tries of rows that are unconfirmed, or that a person settled; nothing of it is
    rejected, queued or withdrawn here; no id is on two rows; no more calls were read there than tries are kept here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orders.models import Attempt, Settlement
from orders.submission.call_types import CALL_TYPES, CANCELLATIONS, ORDERS, PRODUCT_ORDERS, REFILLS, CallType
from providers.models import Provider
from providers.sandbox.books.ledger import Ledger

NEVER_TAKEN = frozenset({"held", "queued", "rejected", "refused", "withdrawn"})
PERHAPS_TAKEN = frozenset({"sending", "unconfirmed", "given_up"})


@dataclass(frozen=True, slots=True)
class Books:
    """How one kind of paid call is read: its marks and ids there and here, and the action that makes it."""

    kind: CallType
    action: str
    accepted: Callable[[Ledger, str], Iterable[tuple[str, str]]]
    mark: Callable[[Any], str]
    answers_with_id: bool = True


BOOKS = (
    Books(
        ORDERS,
        "add",
        lambda ledger, slug: ((order.link, str(order.id)) for order in ledger.orders(slug)),
        lambda row: row.link,
    ),
    Books(
        PRODUCT_ORDERS,
        "add_product_order",
        lambda ledger, slug: ((order.require, str(order.id)) for order in ledger.product_orders(slug)),
        lambda row: row.require,
    ),
    Books(
        REFILLS,
        "refill",
        lambda ledger, slug: ((str(refill.order), str(refill.id)) for refill in ledger.refills(slug)),
        lambda row: str(row.order.external_id),
    ),
    Books(
        CANCELLATIONS,
        "cancel",
        lambda ledger, slug: ((str(cancel.order), str(cancel.id)) for cancel in ledger.cancels(slug)),
        lambda row: str(row.order.external_id),
        # The documents' reply to a cancel is a flag, the same for every order.
        answers_with_id=False,
    ),
)


@dataclass(slots=True)
class Mark:
    """All that is known under one mark: ids accepted there, and rows here."""

    accepted: set[str] = field(default_factory=set)
    rows: list[Any] = field(default_factory=list)


def check_conservation(ledger: Ledger, providers: Sequence[Provider], *, at_rest: bool = False) -> list[str]:
    """Return every way in which the books of the panels and those of the hub contradict each other, in words.

    ``at_rest``: nothing is being sent any more, so nothing may be ``sending`` either. Seven
    statements, whatever the number of providers and rows.
    """
    by_key = {provider.pk: provider for provider in providers}
    decided = _decisions(by_key)
    found = _check_calls(ledger, by_key)
    for books in BOOKS:
        kind = books.kind
        rows: defaultdict[int, list[Any]] = defaultdict(list)
        path = f"{kind.provider_path}__in"
        for row in kind.model.objects.filter(**{path: list(by_key)}).select_related(*kind.related):
            rows[row.order.provider_id if kind.provider_path.startswith("order__") else row.provider_id].append(row)
        for key, provider in by_key.items():
            found += _check_kind(books, ledger, provider, rows[key], decided[kind.slug], at_rest=at_rest)
    return found


def _check_kind(
    books: Books,
    ledger: Ledger,
    provider: Provider,
    rows: Sequence[Any],
    decided: dict[int, Counter[str]],
    *,
    at_rest: bool,
) -> list[str]:
    marks: defaultdict[str, Mark] = defaultdict(Mark)
    for mark, number in books.accepted(ledger, provider.dialect):
        marks[mark].accepted.add(number)
    for row in rows:
        marks[books.mark(row)].rows.append(row)
    name = f"{provider.name} {books.kind.slug}"
    found = []
    if books.answers_with_id:
        found += [f"{name}: id {number} is on {times} rows" for number, times in _ids(rows).items() if times > 1]
    if at_rest:
        found += [f"{name} {row.pk} is still sending" for row in rows if row.status == "sending"]
    for mark, both in marks.items():
        found += _check_mark(f"{name} [{mark}]", both, decided, answers_with_id=books.answers_with_id)
    return found


def _ids(rows: Iterable[Any]) -> Counter[str]:
    return Counter(row.external_id for row in rows if row.external_id)


def _check_mark(name: str, both: Mark, decided: dict[int, Counter[str]], *, answers_with_id: bool) -> list[str]:
    found = []
    known = {row.external_id for row in both.rows if row.external_id} if answers_with_id else set()
    if strange := known - both.accepted:
        found.append(f"{name}: the provider never gave {sorted(strange)} to it")
    if both.accepted and not both.rows:
        found.append(f"{name}: {sorted(both.accepted)} accepted there, nothing here")
    placed = sum(1 for row in both.rows if _is_placed(row))
    possible = placed + sum(_lost(row, decided[row.pk]) for row in both.rows)
    if len(both.accepted) > possible:
        states = [row.status for row in both.rows]
        found.append(f"{name}: {len(both.accepted)} accepted there, at most {possible} possible here ({states})")
    surely = sum(1 for row in both.rows if _is_placed(row) and not decided[row.pk]["accepted_by_word"])
    if len(both.accepted) < surely:
        found.append(f"{name}: {surely} placed here, {len(both.accepted)} accepted there")
    return found


def _is_placed(row: Any) -> bool:
    return row.status not in NEVER_TAKEN | PERHAPS_TAKEN


def _lost(row: Any, decisions: Counter[str]) -> int:
    """Return how many tries of a row may have been accepted besides its id:
    what is unknown, and what a person let go.
    """
    by_people = decisions["send_again"] + decisions["not_placed"]
    return by_people + int(row.status in PERHAPS_TAKEN)


def _decisions(providers: Mapping[int, Provider]) -> dict[str, dict[int, Counter[str]]]:
    """Return how often a person decided which way, by kind and row; an adoption without an id rests on their word
    alone.
    """
    decided: dict[str, dict[int, Counter[str]]] = {books.kind.slug: defaultdict(Counter) for books in BOOKS}
    settled = Settlement.objects.filter(provider__in=list(providers), state=Settlement.State.DONE)
    # What the balance has decided is the hub's own word: it is held to it.
    for made in settled.exclude(way=Settlement.Way.NOT_PLACED, by=None):
        way = "accepted_by_word" if made.way == "adopt" and not made.external_id else made.way
        key = made.order_id or made.product_order_id or made.refill_id or made.cancellation_id
        decided[made.kind][key or 0][way] += 1
    return decided


def _check_calls(ledger: Ledger, providers: Mapping[int, Provider]) -> list[str]:
    """No paid call was on the wire without a try that was written down before."""
    tries = Attempt.objects.filter(provider__in=list(providers)).exclude(outcome=Attempt.Outcome.NOT_SENT)
    kept = Counter(
        (provider_id, "refill" if action == "multi_refill" else action)
        for provider_id, action, _call in set(tries.values_list("provider_id", "action", "call"))
    )
    found = []
    for key, provider in providers.items():
        read = Counter(call.action for call in ledger.calls(provider.dialect))
        for action in (books.action for books in BOOKS):
            if read[action] > kept[key, action]:
                found.append(
                    f"{provider.name}: {read[action]} calls of {action} were read, {kept[key, action]} tries are kept"
                )
    return found


assert {books.kind.slug for books in BOOKS} == {kind.slug for kind in CALL_TYPES}, "a kind of paid call is not checked"
