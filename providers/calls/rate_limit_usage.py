"""How a provider's request budget stands, for people to see: read from the rows that every process shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Count, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from providers.calls.rate_limit import LONGEST_HOLD, LONGEST_WAIT, CallPriority, clock_of, gap_of, mark_of, places_for
from providers.models import CallSlot, Provider, RequestBudget

_MINUTE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class BudgetState:
    """The budget of one account at one moment.

    ``used`` slots were given in the last 60 s (interpolated over two minutes), of ``rate``. ``ahead`` slots are
    given to callers that wait for them to come; the next free one comes in ``next_in`` seconds. ``clicks`` and
    ``polls`` calls are in flight or about to be, in ``places`` places and one more for clicks. For ``held_for``
    seconds nothing goes out, because the provider requested it.
    """

    rate: int
    used: int
    ahead: int
    next_in: float
    clicks: int
    polls: int
    places: int
    held_for: float


def with_budget(providers: QuerySet[Provider]) -> QuerySet[Any]:
    """Return accounts with what :func:`budget_of` needs of other rows, all in the statement that reads them."""
    clock = RawSQL(clock_of(connection.vendor), [], output_field=FloatField())  # noqa: S611 - our own text
    taken = CallSlot.objects.filter(provider=OuterRef("pk"), until__gt=clock).exclude(holder="")
    of_clicks = Q(holder__contains=mark_of(CallPriority.CLICK))
    count = {"output_field": IntegerField()}
    return providers.select_related("request_budget").annotate(
        clock=clock,
        clicks_in_flight=Subquery(_count(taken.filter(of_clicks)), **count),
        polls_in_flight=Subquery(_count(taken.exclude(of_clicks)), **count),
    )


def _count(slots: QuerySet[CallSlot]) -> QuerySet[Any, Any]:
    return slots.order_by().values("provider").annotate(n=Count("pk")).values("n")


def budget_of(provider: Any) -> BudgetState:
    """Return the budget of an account that was read :func:`with_budget`."""
    rate = provider.rate_limit
    priority = getattr(provider, "request_budget", None) or RequestBudget()
    # What lies further ahead than any process can have written it comes from a clock that was set back since.
    next_in = _within(priority.next_at - provider.clock, LONGEST_WAIT + gap_of(rate) + 1.0)
    held_for = _within(priority.held_until - provider.clock, LONGEST_HOLD + 1.0)
    return BudgetState(
        rate=rate,
        used=_last_minute(provider.clock - priority.minute * _MINUTE_SECONDS, priority.used_now, priority.used_before),
        ahead=round(next_in / gap_of(rate)),
        next_in=max(next_in, held_for),
        clicks=provider.clicks_in_flight or 0,
        polls=provider.polls_in_flight or 0,
        places=places_for(rate),
        held_for=held_for,
    )


def _within(seconds: float, most: float) -> float:
    return seconds if 0.0 < seconds <= most else 0.0


def _last_minute(since: float, now: int, before: int) -> int:
    """Slots of the last 60 s, ``since`` seconds into the minute that ``now`` counts and ``before`` preceded."""
    if not 0.0 <= since < 2 * _MINUTE_SECONDS:
        return 0
    if since >= _MINUTE_SECONDS:
        return round(now * (2 - since / _MINUTE_SECONDS))
    return now + round(before * (1 - since / _MINUTE_SECONDS))
