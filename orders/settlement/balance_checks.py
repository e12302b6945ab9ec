"""Check by the balance whether purchases that were refused in unlisted words were made, and watch those that were not.

Such an order stays ``unconfirmed`` until readings of the balance prove that nothing was bought; then it becomes
``rejected``, "confirmed by the balance". All of the evidence of :mod:`orders.settlement.balance_proof` is needed, else
it stays as it is, with the reason. A later movement that fits its price makes it ``unconfirmed`` again. Waiting is a
due time in a row.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.accounting.balance_evidence import could_be, find_finest_step
from orders.accounting.balance_moves import shown_balances
from orders.accounting.ledger import unexplained_rise
from orders.models import Attempt, BalanceCheck, Settlement
from orders.routes.late_truth import note_late_purchase
from orders.settlement.balance_proof import MOST_ASKED, MOST_READINGS, REASONS, why_lost, why_not_proven
from orders.settlement.services import CannotSettle, lock_unconfirmed, move, note_settled, waiting_adoption
from orders.submission.call_types import CALL_TYPES, CallType
from orders.submission.row_moves import event_for
from panelhub.background.jobs import job
from providers.accounts.balances import sync_balance
from providers.calls.rate_limit import BudgetExhausted
from providers.client.errors import ProviderError
from providers.dialects import Action
from providers.models import BalanceReading, Provider

if TYPE_CHECKING:
    from collections.abc import Iterable

TASK: Final = "orders.settlement.tasks.check_balances"
JOB: Final = "check_balances"
State = BalanceCheck.State
CallOutcome = Attempt.Outcome

# After the call. The early one is for money that comes in soon after and would hide a charge; the two later ones come
# when a charge of this account has long been seen (FOLLOWS_WITHIN).
READINGS_AFTER: Final = (timedelta(seconds=30), timedelta(minutes=10), timedelta(minutes=20))
RETRY_AFTER: Final = timedelta(minutes=1)
EXPIRES_AFTER: Final = timedelta(hours=2)
WATCHED_FOR: Final = timedelta(days=30)


def providers_due() -> list[int]:
    """Return ids of active providers with a reading that is due, or with a new reading to be looked at."""
    now = timezone.now()
    due = BalanceCheck.objects.filter(state=State.WAITING, due_at__lte=now, provider__is_active=True)
    watched = BalanceCheck.objects.filter(
        state=State.REJECTED, finished_at__gt=now - WATCHED_FOR, provider__balance_at__gt=F("finished_at")
    )
    found = {*due.values_list("provider_id", flat=True), *watched.values_list("provider_id", flat=True)}
    return sorted(found)


def run_checks(provider: Provider) -> Counter[str]:
    """Take the readings that are due at a provider, settle what they prove, and look for later movements; figures."""
    figures: Counter[str] = Counter()
    with job(JOB, provider=provider.name) as run:
        if run is None:
            return figures
        figures["reopened"] = reopen_moved(provider)
        now = timezone.now()
        waiting = BalanceCheck.objects.filter(provider=provider, state=State.WAITING, due_at__lte=now)
        checks = list(waiting.select_related("attempt", "order", "product_order").order_by("id")[:MOST_ASKED])
        if checks:
            is_read = _read_balance(provider)
            for check in checks:
                figures[_take_reading(check, provider, is_read=is_read)] += 1
        run.count(**figures)
    return figures


def _read_balance(provider: Provider) -> bool:
    if not provider.speaks.can(Action.balance):
        return False
    with suppress(ProviderError, BudgetExhausted):
        sync_balance(provider)
        return True
    return False


def _take_reading(check: BalanceCheck, provider: Provider, *, is_read: bool) -> str:
    """Note a reading of the balance; after the last one decide. Returns what was done, as a figure's name."""
    now = timezone.now()
    ended = check.attempt.finished_at or check.attempt.started_at
    if not is_read:
        if now > check.made_at + EXPIRES_AFTER:
            return _leave_open(check, "no_balance")
        BalanceCheck.objects.filter(pk=check.pk).update(due_at=now + RETRY_AFTER)
        return "postponed"
    check.readings = [*check.readings, {"at": now.isoformat(), "balance": str(provider.balance)}]
    taken = len(check.readings)
    if taken < len(READINGS_AFTER):
        due_at = max(ended + READINGS_AFTER[taken], now + RETRY_AFTER)
        # What is lost already need not be waited for.
        if reason := why_lost(check, provider):
            return _leave_open(check, reason)
        BalanceCheck.objects.filter(pk=check.pk).update(readings=check.readings, due_at=due_at)
        return "read"
    if reason := why_not_proven(check, provider):
        return _leave_open(check, reason)
    return _reject(check)


# --- Results --------------------------------------------------------------------------------------------------------


def _kind(check: BalanceCheck) -> CallType:
    subject = "order" if check.order_id else "product_order"
    return next(kind for kind in CALL_TYPES if kind.subject == subject)


def _words(check: BalanceCheck) -> str:
    return check.attempt.detail or check.words


def _leave_open(check: BalanceCheck, reason: str) -> str:
    """End a check that proves nothing: the row stays unconfirmed, with the reason."""
    kind, now = _kind(check), timezone.now()
    pk = check.order_id or check.product_order_id
    sentence = _("Rejected with an unknown message: “%(words)s”. The balance can’t confirm it: %(why)s.")
    text = sentence % {"words": _words(check)[:600], "why": REASONS[reason]}
    with transaction.atomic():
        ended = BalanceCheck.objects.filter(pk=check.pk, state=State.WAITING).update(
            state=State.OPEN, reason=reason, readings=check.readings, finished_at=now
        )
        row = kind.model.objects.select_for_update().get(pk=pk)
        if ended and row.status == statuses.UNCONFIRMED and row.claim == check.attempt.call:
            kind.model.objects.filter(pk=pk).update(error=text[:1000])
            event_for(kind, row, event="note", words=text).save()
    return "open"


def _reject(check: BalanceCheck) -> str:
    """Settle a row as refused: the balance proves that nothing was bought."""
    kind, now = _kind(check), timezone.now()
    pk = check.order_id or check.product_order_id
    words = _("%(words)s (confirmed by the balance)") % {"words": _words(check)[:900]}
    try:
        with transaction.atomic():
            row = lock_unconfirmed(kind, pk or 0)
            if row.claim != check.attempt.call or waiting_adoption(kind, row.pk):
                raise CannotSettle(_("It is already resolved."))
            move(kind, row.pk, to=kind.machine.refused, changes={"error": words, "finished_at": now})
            made = Settlement.objects.create(
                kind=kind.slug,
                way=Settlement.Way.NOT_PLACED,
                provider_id=check.provider_id,
                reason=_("Confirmed by the balance, which didn’t change."),
                details={"balance": str(check.attempt.balance_before), "readings": check.readings},
                finished_at=now,
                **{kind.subject: row},
            )
            note_settled(kind, row, made, after=kind.machine.refused)
            newest = BalanceReading.objects.filter(provider_id=check.provider_id).order_by("-id")
            BalanceCheck.objects.filter(pk=check.pk).update(
                state=State.REJECTED,
                readings=check.readings,
                finished_at=now,
                seen_reading=newest.values_list("id", flat=True).first() or 0,
            )
    except CannotSettle:
        return _leave_open(check, "settled")
    return "rejected"


# --- A later movement -----------------------------------------------------------------------------------------------


def reopen_moved(provider: Provider) -> int:
    """Reopen what was rejected by the balance when a later, unexplained movement fits its price; how many."""
    watched = list(
        BalanceCheck.objects.filter(
            provider=provider, state=State.REJECTED, finished_at__gt=timezone.now() - WATCHED_FOR
        ).select_related("attempt", "order")
    )
    if not watched:
        return 0
    first = min(check.seen_reading for check in watched)
    readings = list(BalanceReading.objects.filter(provider=provider, pk__gte=first).order_by("id")[:MOST_READINGS])
    reopened: set[int] = set()
    step = find_finest_step(shown_balances(provider))
    for before, after in pairwise(readings):
        open_ones = [check for check in watched if check.seen_reading < after.pk and check.pk not in reopened]
        drop = -unexplained_rise(provider, before, after)
        for check in open_ones:
            price = check.price or Decimal(0)
            others = [one.price or Decimal(0) for one in open_ones if one.pk != check.pk]
            if could_be(drop, price, others, step) and _reopen(check):
                reopened.add(check.pk)
    if len(readings) > 1:
        BalanceCheck.objects.filter(pk__in=[check.pk for check in watched]).update(seen_reading=readings[-1].pk)
    return len(reopened)


def _reopen(check: BalanceCheck) -> bool:
    kind = _kind(check)
    pk = check.order_id or check.product_order_id
    text = _("The balance later changed by this order’s price. It may have been placed after all.")
    with transaction.atomic():
        may_reopen = check.order is None or note_late_purchase(check.order)
        row = kind.model.objects.select_for_update().get(pk=pk)
        is_news = BalanceCheck.objects.filter(pk=check.pk, state=State.REJECTED).update(state=State.REOPENED)
        if not is_news or row.status != kind.machine.refused:
            return False
        if not may_reopen:
            # Its chain is flagged; two of its orders can't be in hand at once.
            kind.model.objects.filter(pk=pk).update(error=text)
            event_for(kind, row, event="warning", words=text).save()
            return True
        kind.model.objects.filter(pk=pk).update(status=statuses.UNCONFIRMED, error=text, finished_at=None)
        event_for(
            kind, row, event="reopened", before=kind.machine.refused, after=statuses.UNCONFIRMED, words=text
        ).save()
    return True


def checks_of(row: Any) -> Iterable[BalanceCheck]:
    """Return the checks of an order or product order, the newest first."""
    found: Iterable[BalanceCheck] = row.balance_checks.order_by("-id")
    return found
