"""Looking for the refills of a lost batch among the provider's ids: as many as were requested, fewer, or none.

A provider numbers refills as they come, so the ids of our own refills requested just before and just after bound a
window. It answers for our own refills alone, but does not say of which order each is: what is counted are the ids
that answer and stand on no refill here. They bear out a decision about the whole batch; no row gets one of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Attempt, Refill, RefillSearch
from orders.settlement.id_window import Window, chunks_of, is_number
from orders.submission.services import SWEEP_AFTER
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.calls.services import calling
from providers.client.errors import OrderRefused, ProviderError
from providers.client.types import RefillStatusRow
from providers.dialects import Action

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from providers.models import Provider

MOST_CALLS: Final = 20
LOOKED_AT: Final = 200
NEVER_ACCEPTED: Final = (statuses.QUEUED, statuses.SENDING, statuses.RefillStatus.REFUSED)
SLACK: Final = timedelta(seconds=SWEEP_AFTER)


def search_refills(provider: Provider, call: uuid.UUID | str) -> float | None:
    """Search for the refills of ``call``; return the seconds until the budget allows it, when it does not now."""
    window = window_of_call(provider, call)
    search = RefillSearch(call=call, provider=provider, from_id=window.lower, to_id=window.upper)
    action = _action_of(provider)
    if action is None:
        search.note = provider.speaks.why_not(Action.refill_status)
    elif not window.is_bounded:
        search.note = _("There is no earlier refill at this provider to search from.")
    else:
        size = provider.speaks.limit(action) if action is Action.multi_refill_status else 1
        runs, search.is_capped = chunks_of(window, size=size, most=MOST_CALLS)
        try:
            for run in runs:
                ids = [str(one) for one in run]
                known = _ask(provider, action, ids)
                if known is None:
                    search.note = _("The provider rejected some calls, so their IDs aren’t ruled out.")
                    continue
                search.found += _unknown(provider, known)
                search.asked += len(ids)
        except BudgetExhausted as error:
            return error.seconds
        except ProviderError as error:
            search.failure = str(error)[:500]
    values = ("provider", "from_id", "to_id", "asked", "found", "is_capped", "note", "failure")
    RefillSearch.objects.update_or_create(
        call=call, defaults={"at": timezone.now(), **{name: getattr(search, name) for name in values}}
    )
    return None


def window_of_call(provider: Provider, call: uuid.UUID | str) -> Window:
    """Return the ids between our own refills requested before and after ``call``."""
    when = Attempt.objects.filter(call=call).aggregate(began=Min("started_at"), ended=Max("finished_at"))
    if when["began"] is None:
        return Window(None, None)
    after = (when["ended"] or when["began"]) + SLACK
    tries = Attempt.objects.filter(
        provider=provider, outcome=Attempt.Outcome.ACCEPTED, refill__external_id__isnull=False
    ).exclude(call=call)
    before = _numbers(tries.filter(finished_at__lte=when["began"]).order_by("-started_at"))
    later = _numbers(tries.filter(started_at__gt=after).order_by("started_at"))
    lower, upper = max(before, default=None), min(later, default=None)
    if lower is not None and upper is not None and upper <= lower:
        # Ids that do not grow with time bound nothing.
        return Window(None, None)
    return Window(lower, upper)


def describe_search(search: RefillSearch, rows: int) -> str:
    """Return what a search says about a batch of so many rows."""
    if search.failure:
        return _("The refill search stopped: %(why)s") % {"why": search.failure}
    if search.note and not search.asked:
        return search.note
    figures = {"found": len(search.found), "rows": rows, "asked": search.asked}
    if len(search.found) >= rows:
        text = _("%(found)s unmatched refills found among %(asked)s IDs; %(rows)s were requested.")
    elif search.found:
        text = _("Only %(found)s unmatched refills found among %(asked)s IDs; %(rows)s were requested.")
    else:
        text = _("No unmatched refills found among %(asked)s IDs. Probably none was accepted.")
    text %= figures
    if search.is_capped:
        text += " " + _("Not all nearby IDs were searched.")
    return f"{text} {search.note}".strip()


def is_borne_out(search: RefillSearch, rows: int) -> bool:
    """Return whether exactly as many refills were found as requested, and they can be no others of ours.

    Others are those of another lost batch, and what was accepted without an id.
    """
    if search.failure or search.note or search.is_capped or not rows or len(search.found) != rows:
        return False
    without_id = Refill.objects.filter(order__provider_id=search.provider_id, external_id__isnull=True)
    return without_id.exclude(status__in=NEVER_ACCEPTED).count() == rows


def _action_of(provider: Provider) -> Action | None:
    can = provider.speaks.can
    return next((one for one in (Action.multi_refill_status, Action.refill_status) if can(one)), None)


def _numbers(tries: QuerySet[Attempt]) -> list[int]:
    texts = tries.values_list("refill__external_id", flat=True)[:LOOKED_AT]
    return [int(text) for text in texts if text and is_number(text)]


def _ask(provider: Provider, action: Action, ids: Sequence[str]) -> list[str] | None:
    """Return those of ``ids`` that the provider knows as refills of ours; None when it refused them as a whole."""
    with calling(provider, action, priority=CallPriority.POLL) as client:
        try:
            if action is Action.refill_status:
                client.refill_status(ids[0])
                return list(ids)
            return [one for one, row in client.refill_statuses(ids).items() if isinstance(row, RefillStatusRow)]
        except OrderRefused:
            # Some panels refuse the whole batch for one id, which says nothing about each.
            return None if len(ids) > 1 else []


def _unknown(provider: Provider, ids: Iterable[str]) -> list[str]:
    known = Refill.objects.filter(order__provider=provider, external_id__in=list(ids))
    taken = set(known.exclude(status=statuses.UNCONFIRMED).values_list("external_id", flat=True))
    return [one for one in ids if one not in taken]
