"""Evidence: what suggests that a paid call with an unknown outcome was accepted, and what suggests it was not.

Nothing here calls a provider: it reads the tries, the balance as it was read before and after,
and what else happened in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from orders.accounting.balance_moves import BalanceMove, balance_move
from orders.models import Attempt, Order, ProductOrder
from orders.submission.call_types import call_type_of, provider_of
from orders.submission.services import PAID_DEADLINE, SWEEP_AFTER

if TYPE_CHECKING:
    from datetime import datetime

    from orders.models import PaidCall
    from providers.models import Provider

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the latest try of one row, and of what happened around it."""

    tries: tuple[Attempt, ...]
    sent_at: datetime | None
    ended_at: datetime | None
    seen_ids: tuple[str, ...]
    late_ids: tuple[str, ...]
    expected: Decimal | None
    currency: str
    balance: BalanceMove
    between: tuple[Attempt, ...]
    reopens_at: datetime | None


def tries_of(row: PaidCall) -> tuple[Attempt, ...]:
    """Return the tries of ``row``, oldest first."""
    return tuple(Attempt.objects.filter(**{call_type_of(row).subject: row}).select_related("by").order_by("id"))


def reopens_at(row: PaidCall, tries: tuple[Attempt, ...] | None = None) -> datetime | None:
    """From when ``row`` may be sent again: deadline of its last call plus a margin; ``None`` when it was never sent."""
    known = tries_of(row) if tries is None else tries
    sent = [when for when in (row.claimed_at, *(attempt.started_at for attempt in known)) if when is not None]
    return max(sent) + timedelta(seconds=SWEEP_AFTER) if sent else None


def evidence(row: PaidCall) -> Evidence:
    """Return everything known about the latest try of ``row``; a constant number of statements."""
    provider = provider_of(row)
    tries = tries_of(row)
    last = tries[-1] if tries else None
    sent_at = last.started_at if last else row.claimed_at
    ended_at = _end_of(last, sent_at)
    expected = getattr(row, "expected_charge", None)
    buys = isinstance(row, Order | ProductOrder)
    return Evidence(
        tries=tries,
        sent_at=sent_at,
        ended_at=ended_at,
        seen_ids=_distinct(attempt.seen_id for attempt in tries if attempt.outcome != Attempt.Outcome.ACCEPTED),
        late_ids=_distinct(attempt.late_id for attempt in tries),
        expected=expected,
        currency=getattr(row, "currency", "") or provider.currency,
        balance=balance_move(row, provider, last, sent_at, ended_at) if buys else BalanceMove(),
        between=_calls_between(provider, tries, sent_at, ended_at),
        reopens_at=reopens_at(row, tries),
    )


def _distinct(ids: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in ids if text))


def _end_of(last: Attempt | None, sent_at: datetime | None) -> datetime | None:
    if last is not None and last.finished_at is not None:
        return last.finished_at
    return sent_at + timedelta(seconds=PAID_DEADLINE) if sent_at else None


def _calls_between(
    provider: Provider, tries: tuple[Attempt, ...], sent_at: datetime | None, ended_at: datetime | None
) -> tuple[Attempt, ...]:
    if sent_at is None or ended_at is None:
        return ()
    margin = timedelta(seconds=SWEEP_AFTER)
    near = (
        Attempt.objects.filter(provider=provider, started_at__range=(sent_at - margin, ended_at + margin))
        .exclude(pk__in=[attempt.pk for attempt in tries])
        .defer("excerpt", "payload")
        .order_by("started_at")
    )
    return tuple(near[:SHOWN])


# --- The balance ----------------------------------------------------------------------------------------------------
