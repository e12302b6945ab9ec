"""Looking for an order whose reply was lost among its neighbours' ids.

A provider numbers orders as they come, so the ids of our own orders sent just before and just after bound a
window. The ids in between are asked about like any order, in batches, in the background's lane of the budget;
a provider answers for our own orders alone. An id that answers, is on no order of ours and is no child of one,
and whose charge fits, is a candidate. Finding one proves that it is there; finding none proves nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.accounting.balance_moves import fits
from orders.accounting.delivery import units_of
from orders.models import Attempt, Order, WindowSearch
from orders.order_types import TYPES, Billing, order_type
from orders.placement.pricing import price_of
from orders.settlement.evidence import Evidence, evidence
from orders.submission.services import PAID_DEADLINE, SWEEP_AFTER
from providers.calls.rate_limit import CallPriority
from providers.calls.services import calling
from providers.client.errors import OrderRefused, ProviderError, Unknown
from providers.client.replies.scalars import storable_money
from providers.client.types import RowError, StatusRow
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from providers.models import Provider

CALLS_IN_BATCHES: Final = 20
CALLS_ONE_BY_ONE: Final = 60
# A reply that was lost to a time limit may be that of an order accepted a little later than the limit.
SLACK: Final = timedelta(seconds=SWEEP_AFTER)
SLOW_SECONDS: Final = PAID_DEADLINE / 2
LOOKED_AT: Final = 50
PARENTS: Final = 200
BIGGEST_ID: Final = 10**18
_LATER_TYPES: Final = [slug for slug, known in TYPES.items() if known.billing is Billing.LATER]


@dataclass(frozen=True, slots=True)
class Window:
    """Ids between two orders of ours, both excluded; ``None``: not bounded. ``middle`` is guessed by time."""

    lower: int | None
    upper: int | None
    middle: int | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether there is an order of ours to start from."""
        return self.lower is not None or self.upper is not None


# --- The window -----------------------------------------------------------------------------------------------------


def window_of(order: Order, known: Evidence, *, slack: timedelta = timedelta(0)) -> Window:
    """The ids between our own orders sent before and after ``order``.

    ``slack`` leaves out as upper bound what was sent within it after the try's end.
    """
    if known.sent_at is None or known.ended_at is None:
        return Window(None, None)
    last = known.tries[-1] if known.tries else None
    if last is None or (last.http_status is None and (last.seconds is None or last.seconds > SLOW_SECONDS)):
        slack = max(slack, SLACK)
    before = _neighbour(order, Q(finished_at__lte=known.sent_at), Q(when__lt=known.sent_at), newest=True)
    after_end = known.ended_at + slack
    after = _neighbour(order, Q(started_at__gt=after_end), Q(when__gt=after_end), newest=False)
    lower, upper = (before[0] if before else None), (after[0] if after else None)
    if lower is not None and upper is not None and upper <= lower:
        # Ids that do not grow with time bound nothing.
        return Window(None, None)
    return Window(lower, upper, _middle(before, after, known.sent_at))


def _neighbour(order: Order, tries: Q, rows: Q, *, newest: bool) -> tuple[int, datetime] | None:
    """The id nearest in time among our own orders at the provider, and when it was sent."""
    sign = "-" if newest else ""
    by_try = (
        Attempt.objects.filter(tries, provider_id=order.provider_id, action=str(Action.add))
        .filter(outcome=Attempt.Outcome.ACCEPTED, order__external_id__isnull=False, order__adopted=False)
        .exclude(order_id=order.pk)
        .order_by(f"{sign}started_at")
        .values_list("order__external_id", "started_at")
    )
    found = _numbers(by_try[:LOOKED_AT])
    if not found:
        by_row = (
            Order.objects.filter(provider_id=order.provider_id, external_id__isnull=False, adopted=False)
            .filter(attempts__isnull=True)
            .exclude(pk=order.pk)
            .annotate(when=Coalesce("placed_at", "created_at"))
            .filter(rows)
            .order_by(f"{sign}id")
            .values_list("external_id", "when")
        )
        found = _numbers(by_row[:LOOKED_AT])
    return (max(found) if newest else min(found)) if found else None


def _numbers(rows: Iterable[tuple[str | None, datetime]]) -> list[tuple[int, datetime]]:
    return [(int(text), when) for text, when in rows if text and is_number(text)]


def is_number(text: str) -> bool:
    """Whether an id is a plain number, so that its neighbours can be named."""
    return text.isascii() and text.isdigit() and text[0] != "0" and int(text) < BIGGEST_ID


def _middle(before: tuple[int, datetime] | None, after: tuple[int, datetime] | None, sent_at: datetime) -> int | None:
    if before is None or after is None or after[1] <= before[1]:
        return None
    share = (sent_at - before[1]) / (after[1] - before[1])
    return before[0] + int((after[0] - before[0]) * min(1.0, max(0.0, share)))


def chunks_of(window: Window, *, size: int, most: int, done: Sequence[Sequence[int]] = ()) -> tuple[list[range], bool]:
    """Runs of at most ``size`` ids to ask about, nearest first, and whether more than ``most`` runs would be needed.

    Ids within ``done`` (pairs, both included) are left out.
    """
    reach = size * (most + 1) + sum(int(last) - int(first) + 1 for first, last in done)
    if window.lower is not None:
        low = window.lower + 1
        high = window.upper if window.upper is not None else low + reach
    elif window.upper is not None:
        low, high = max(1, window.upper - reach), window.upper
    else:
        return [], False
    middle = window.middle if window.middle is not None else (low if window.lower is not None else high)
    if high - low > 2 * reach:
        low, high = max(low, middle - reach), min(high, middle + reach)
    runs = [
        range(start, min(start + size, gap.stop))
        for gap in _gaps(low, high, done)
        for start in range(gap.start, gap.stop, size)
    ]
    runs.sort(key=lambda run: abs(run.start + len(run) // 2 - middle))
    return sorted(runs[:most], key=lambda run: run.start), len(runs) > most


def _gaps(low: int, high: int, done: Sequence[Sequence[int]]) -> list[range]:
    gaps, start = [], low
    for first, last in sorted((int(pair[0]), int(pair[1])) for pair in done):
        if first > start:
            gaps.append(range(start, min(first, high)))
        start = max(start, last + 1)
    gaps.append(range(start, high))
    return [gap for gap in gaps if gap.start < gap.stop]


# --- Asking ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Prober:
    """Asks one provider about ids, each at most once however many searches need it.

    ``refused`` are ids in calls that were refused as a whole, ``silent`` those that a panel which has a word for
    every id left out: nothing is known about either. ``wanted`` are those that the search at work has asked for.
    """

    provider: Provider
    calls: int = 0
    refused: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    wanted: set[str] = field(default_factory=set)
    answers: dict[str, StatusRow | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many ids go into one call."""
        dialect = self.provider.speaks
        return dialect.limit(Action.multi_status) if dialect.can(Action.multi_status) else 1

    @property
    def most(self) -> int:
        """How many calls one search may make."""
        return CALLS_IN_BATCHES if self.size > 1 else CALLS_ONE_BY_ONE

    def ask(self, ids: Iterable[str]) -> dict[str, StatusRow]:
        """The states of those of ``ids`` that the provider knows as ours; raises ProviderError."""
        wanted = list(ids)
        self.wanted.update(wanted)
        unasked = [one for one in wanted if one not in self.answers]
        for start in range(0, len(unasked), self.size):
            self._ask_once(unasked[start : start + self.size])
        found = ((one, self.answers.get(one)) for one in wanted)
        return {one: row for one, row in found if row is not None}

    def _ask_once(self, ids: list[str]) -> None:
        try:
            answered = self._call(ids)
        except Unknown:
            answered = self._call(ids)
        if left_out := _left_out(ids, answered):
            again = self._call(left_out)
            self.silent.update(one for one in left_out if one not in again)
            answered = {**answered, **again}
        for one in ids:
            row = answered.get(one)
            self.answers[one] = row if isinstance(row, StatusRow) else None

    def _call(self, ids: list[str]) -> dict[str, StatusRow | RowError]:
        action = Action.multi_status if len(ids) > 1 else Action.status
        self.calls += 1
        with calling(self.provider, action, priority=CallPriority.POLL) as client:
            try:
                if action is Action.status:
                    return {ids[0]: client.status(ids[0])}
                return dict(client.statuses(ids))
            except OrderRefused as refusal:
                # Many: some panels refuse the whole batch, which says nothing about each.
                if len(ids) > 1:
                    self.refused.update(ids)
                    return {}
                return {ids[0]: RowError(refusal.error)}


def _left_out(ids: Sequence[str], answered: Mapping[str, StatusRow | RowError]) -> list[str]:
    """Ids without a word, of a panel that has one for ids that are not ours; others may leave those out as a rule."""
    if not any(isinstance(row, RowError) for row in answered.values()):
        return []
    return [one for one in ids if one not in answered]


# --- The search -----------------------------------------------------------------------------------------------------


def run_search(search: WindowSearch, prober: Prober) -> WindowSearch:
    """Do one search and finish its row; what the provider raises passes through, with what was asked on ``search``."""
    order = search.order
    known = evidence(order)
    calls_before, prober.wanted = prober.calls, set()
    found: dict[str, StatusRow] = {}
    try:
        seen = [one for one in known.seen_ids if is_number(one)]
        found.update(prober.ask(_unknown_ids(order, seen)))
        if not found:
            # The window is not gone through twice: what answered in it before is asked about by itself.
            found.update(prober.ask(_unknown_ids(order, _found_before(order))))
            _search_window(search, order, known, prober, found)
        strangers = _without_children(order, found, prober)
        search.candidates = [candidate(order, one, row, seen=one in known.seen_ids) for one, row in strangers.items()]
        search.answered = len(found)
        if prober.wanted & prober.refused:
            search.note = _("The provider refused some calls as a whole: the ids in them are not ruled out.")
    except ProviderError:
        if found:
            # What answered is lost with this search: the next one has to come past it again.
            search.ranges = []
        raise
    finally:
        search.calls = prober.calls - calls_before
    search.finished_at = timezone.now()
    search.save()
    return search


def _search_window(
    search: WindowSearch, order: Order, known: Evidence, prober: Prober, found: dict[str, StatusRow]
) -> None:
    earlier = _ranges_asked(order, known)
    again = WindowSearch.objects.filter(order=order, finished_at__isnull=False, failure="").exists()
    window = window_of(order, known, slack=SLACK if again else timedelta(0))
    search.from_id = None if window.lower is None else window.lower + 1
    search.to_id = None if window.upper is None else window.upper - 1
    if not window.is_bounded:
        search.note = _("No order of ours with a number for an id was sent before or after: there is no place to look.")
        return
    runs, search.is_capped = chunks_of(window, size=prober.size, most=prober.most, done=earlier)
    for run in runs:
        ids = _unknown_ids(order, [str(number) for number in run])
        if ids:
            found.update(prober.ask(ids))
        unknown = (prober.refused | prober.silent).intersection(ids)
        search.asked += len(ids) - len(unknown)
        if not unknown:
            search.ranges = _joined([*search.ranges, [run.start, run.stop - 1]])


def _joined(pairs: list[list[int]]) -> list[list[int]]:
    whole: list[list[int]] = []
    for first, last in sorted(pairs):
        if whole and first <= whole[-1][1] + 1:
            whole[-1][1] = max(whole[-1][1], last)
        else:
            whole.append([first, last])
    return whole


def _ranges_asked(order: Order, known: Evidence) -> list[list[int]]:
    """What earlier searches asked in vain, once the order could no longer be accepted late."""
    if known.ended_at is None:
        return []
    earlier = WindowSearch.objects.filter(order=order, at__gt=known.ended_at + SLACK).exclude(ranges=[])
    return [pair for ranges in earlier.values_list("ranges", flat=True) for pair in ranges]


def _found_before(order: Order) -> list[str]:
    """Ids that earlier searches of ``order`` found."""
    earlier = WindowSearch.objects.filter(order=order).exclude(candidates=[]).values_list("candidates", flat=True)
    return list(dict.fromkeys(str(one["id"]) for candidates in earlier for one in candidates))


def _unknown_ids(order: Order, ids: Sequence[str]) -> list[str]:
    """Those of ``ids`` that are on no order of ours at the provider."""
    ours = set(
        Order.objects.filter(provider_id=order.provider_id, external_id__in=ids).values_list("external_id", flat=True)
    )
    return [one for one in ids if one not in ours]


def _without_children(order: Order, found: dict[str, StatusRow], prober: Prober) -> dict[str, StatusRow]:
    """What was found less the orders that drip-feeds and subscriptions made; their parents are asked anew."""
    children = {child for row in found.values() for child in row.children}
    if found.keys() - children:
        children |= known_children(order.provider)
        parents = (
            Order.objects.filter(provider_id=order.provider_id, external_id__isnull=False)
            .filter(Q(parameters__has_key="runs") | Q(service__type__in=_LATER_TYPES) | ~Q(children=[]))
            .filter(Q(status__in=statuses.OPEN) | Q(finished_at__gt=order.created_at))
            .order_by("-id")
            .values_list("external_id", flat=True)
        )
        ids = [one for one in parents[:PARENTS] if one]
        children |= {child for row in prober.ask(ids).values() for child in row.children}
    return {one: row for one, row in found.items() if one not in children}


def known_children(provider: Provider) -> set[str]:
    """Ids of orders that drip-feeds and subscriptions of ours made, as far as their states told."""
    lists = Order.objects.filter(provider=provider).exclude(children=[]).values_list("children", flat=True)
    return {str(child) for children in lists.iterator() for child in children}


# --- Candidates -----------------------------------------------------------------------------------------------------


def candidate(order: Order, external_id: str, row: StatusRow, *, seen: bool = False) -> dict[str, Any]:
    """One id that answered, as it is kept: what the provider said, whether it fits, and why not."""
    why = why_not_fit(order, row)
    return {
        "id": external_id,
        "status": row.status,
        "word": row.word,
        "charge": None if row.charge is None else str(row.charge),
        "currency": row.currency or "",
        "start_count": row.start_count,
        "remains": row.remains,
        "children": list(row.children),
        "seen": seen,
        "fits": not why,
        "why": why,
    }


def why_not_fit(order: Order, row: StatusRow) -> str:
    """Why what the provider says of an id cannot be ``order``; "" when it can."""
    units = units_of(order)
    if units is not None and row.remains is not None and row.remains > units:
        return _("More remains than was ordered.")
    if row.currency and order.provider.currency and row.currency != order.provider.currency:
        return _("It is in another currency.")
    prices = prices_of(order)
    if row.charge is None or not prices:
        return ""
    if any(fits(row.charge, price) for price in prices):
        return ""
    # A refund lowers the charge: such an order can have cost more than it shows now.
    if row.status in {"partial", "canceled", "refunded", "failed"} and row.charge <= max(prices):
        return ""
    return _("Its charge is not this order's.")


def prices_of(order: Order) -> set[Decimal]:
    """What the provider may have charged: the expected price, and both readings of a package's rate."""
    prices = {order.expected_charge}
    service = order.service
    known = order_type(service.type) if service is not None else None
    if service is not None and known is not None and known.billing is not Billing.LATER:
        # Parameters of an order made by another door may hold anything.
        with suppress(ValueError):
            price = price_of(service, known, {**order.parameters, "quantity": order.quantity})
            if order.expected_charge is None or known.billing is Billing.PACKAGE:
                prices |= {price.expected, price.ceiling}
    return {price for price in prices if price is not None}


def status_of(kept: dict[str, Any]) -> StatusRow:
    """The provider's words of a candidate as they were read."""
    try:
        charge = Decimal(kept["charge"]) if kept.get("charge") is not None else None
    except InvalidOperation:
        charge = None
    return StatusRow(
        status=kept["status"],
        word=kept["word"],
        charge=storable_money(charge),
        start_count=kept.get("start_count"),
        remains=kept.get("remains"),
        currency=kept.get("currency") or None,
        children=tuple(kept.get("children") or ()),
    )
