"""The window of ids in which a lost order must be: between our own orders sent before and after, cut into calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.db.models.functions import Coalesce

from orders.models import Attempt, Order
from orders.settlement.evidence import Evidence
from orders.submission.services import PAID_DEADLINE, SWEEP_AFTER
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


# A reply that was lost to a time limit may be that of an order accepted a little later than the limit.
SLACK: Final = timedelta(seconds=SWEEP_AFTER)
SLOW_SECONDS: Final = PAID_DEADLINE / 2
LOOKED_AT: Final = 50
BIGGEST_ID: Final = 10**18


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
    """Return runs of at most ``size`` ids to poll, nearest first, and whether more than ``most`` would be needed.

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
