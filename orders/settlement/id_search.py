"""Id search: look for an order whose reply was lost among its neighbours' ids.

A provider numbers orders as they come, so the ids of our own orders sent just before and just after bound a
window. The ids in between are polled like any order, in batches, from the background's share of the budget;
a provider answers for our own orders alone. An id that answers, is on no order of ours and is no child of one,
and whose charge fits, is a candidate. Finding one proves that it is there; finding none proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Order, WindowSearch
from orders.order_types import TYPES, Billing
from orders.settlement.candidates import candidate
from orders.settlement.evidence import Evidence, evidence
from orders.settlement.id_window import SLACK, chunks_of, is_number, window_of
from providers.calls.rate_limit import CallPriority
from providers.calls.services import calling
from providers.client.errors import OrderRefused, ProviderError, Unknown
from providers.client.types import RowError, StatusRow
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from providers.models import Provider

CALLS_IN_BATCHES: Final = 20
CALLS_ONE_BY_ONE: Final = 60
PARENTS: Final = 200
_LATER_TYPES: Final = [slug for slug, known in TYPES.items() if known.billing is Billing.LATER]


# --- Requests -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Prober:
    """Poll one provider for ids, each at most once however many searches need it.

    ``refused`` are ids in calls that were refused as a whole, ``silent`` those that a panel which has a word for
    every id left out: nothing is known about either. ``wanted`` are those that the current search has requested.
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
    """Do one search and finish its row; provider errors pass through, with the polled ids stored on ``search``."""
    order = search.order
    known = evidence(order)
    calls_before, prober.wanted = prober.calls, set()
    found: dict[str, StatusRow] = {}
    try:
        seen = [one for one in known.seen_ids if is_number(one)]
        found.update(prober.ask(_unknown_ids(order, seen)))
        if not found:
            # The window is not searched twice: the ids that answered before are polled by themselves.
            found.update(prober.ask(_unknown_ids(order, _found_before(order))))
            _search_window(search, order, known, prober, found)
        strangers = _without_children(order, found, prober)
        search.candidates = [candidate(order, one, row, seen=one in known.seen_ids) for one, row in strangers.items()]
        search.answered = len(found)
        if prober.wanted & prober.refused:
            search.note = _("The provider rejected some calls, so their IDs aren’t ruled out.")
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
        search.note = _("No order with a numeric ID was sent before or after, so there is nowhere to search.")
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
    """Return what earlier searches polled without a match, once the order could no longer be accepted late."""
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
    """What was found less the orders that drip-feeds and subscriptions made; their parents are polled again."""
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
    """Return ids of orders that our drip-feeds and subscriptions made, as far as their states list them."""
    lists = Order.objects.filter(provider=provider).exclude(children=[]).values_list("children", flat=True)
    return {str(child) for children in lists.iterator() for child in children}
