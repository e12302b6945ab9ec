"""The way of a paid call: claim, look again, call, record. The only code that spends money.

Rows are the queue; a broker's message is a doorbell. Nothing is sent twice because a row is
sent only by the try whose token it carries, and leaves ``sending`` for ``queued`` only when it
is certain that the provider took nothing. Whatever is not certain becomes ``unconfirmed``.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy

from orders.models import Attempt
from orders.submission import records, results, row_moves, same_refusals
from orders.submission.call_types import CALL_TYPES, CallType
from panelhub.background.pool import is_wanted
from panelhub.background.worker import is_stopping
from panelhub.db.ids import new_id
from panelhub.encryption.vault import SecretUnreadable
from panelhub.http.request_id import bind_clicks, current_id, restored_ids
from panelhub.settings.deadlines import claim_fresh_for
from providers.accounts.balances import reopen
from providers.accounts.connection_test import explain
from providers.calls import circuit_breaker
from providers.calls.admission import admission
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.calls.services import account_of, calling
from providers.client.errors import ProviderError
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from orders.models import PaidCall

log = logging.getLogger(__name__)

PAID_DEADLINE: float = settings.PANELHUB_PAID_SECONDS
SWEEP_AFTER: float = settings.PANELHUB_SWEEP_SECONDS
CLAIM_FRESH_FOR = claim_fresh_for(paid=PAID_DEADLINE, sweep=SWEEP_AFTER)
PRICE_JUMP = "price_jump"
_LEFT_TO_TRIAL = gettext_lazy("Waiting for the result of a test call.")


@dataclass(slots=True)
class Sent:
    """What one run of sending did: rows by outcome, calls made, why a provider stopped it.

    ``trouble`` is the result of the last call that neither bought nor was refused; ``left`` is why work was
    left to another worker, which is no failure. ``again_in`` are the seconds until the budget allows the next call.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    stopped: str = ""
    trouble: str = ""
    left: str = ""
    again_in: float | None = None


def send_due(
    provider: Provider,
    *,
    kinds: Iterable[CallType] = CALL_TYPES,
    priority: CallPriority = CallPriority.CLICK,
    seconds: float | None = None,
    at_once: bool = False,
) -> Sent:
    """Send what is queued for ``provider`` until nothing is due or ``seconds`` are over.

    The kinds take turns, so that a cancel does not wait behind a thousand orders. Stops early when the
    provider pauses or its breaker opens, or the worker is stopping; the rest stays queued. The balance of a
    provider that is not open is checked first, when that is due, or ``at_once``, unless another worker's
    trial is under way.
    """
    sent = Sent()
    end = None if seconds is None else time.monotonic() + seconds
    waiting = deque(kinds)
    while waiting and (end is None or time.monotonic() < end) and not (is_stopping() or is_wanted() or sent.left):
        kind = waiting.popleft()
        if not _due_ids(kind, provider):
            continue
        try:
            ask = at_once and not sent.calls and not _is_being_tried(provider)
            if not reopen(provider, priority=priority, at_once=ask):
                if _is_being_tried(provider):
                    sent.left = str(_LEFT_TO_TRIAL)
                    return sent
                # An account that is paused is not stopped by whatever went wrong before that.
                shown = str(provider.get_pause_kind_display())
                sent.stopped = provider.pause_text or (not provider.pause_kind and provider.last_failure) or shown
                return sent
            with restored_ids():
                _send_batch(kind, provider, priority, sent)
        except (BudgetExhausted, SecretUnreadable) as error:
            sent.stopped = explain(error)
            if isinstance(error, BudgetExhausted):
                sent.again_in = error.seconds
            return sent
        waiting.append(kind)
    return sent


def _is_being_tried(provider: Provider) -> bool:
    """Return whether a worker has the one paid call out on which it depends if there will be more."""
    on_trial = Provider.objects.filter(
        pk=provider.pk, pause_kind="", breaker_until__isnull=False, paid_failures__gte=circuit_breaker.FAILURES_TO_OPEN
    )
    if not on_trial.exists():
        return False
    since = Now() - timedelta(seconds=SWEEP_AFTER)
    return Attempt.objects.filter(provider=provider, outcome=Attempt.Outcome.OPEN, started_at__gt=since).exists()


def _due_ids(kind: CallType, provider: Provider) -> list[int]:
    limit = kind.batch_limit(provider.speaks)
    due = kind.model.objects.due(timezone.now()).filter(kind.sendable, **{kind.provider_path: provider})
    return list(due.order_by(*kind.turn).values_list("pk", flat=True)[:limit])


def _send_batch(kind: CallType, provider: Provider, priority: CallPriority, sent: Sent) -> None:
    """Send one request's worth of rows, picked after the wait so that two workers rarely meet."""
    if _sort_out(kind, provider, _due_ids(kind, provider), sent):
        return
    with admission(provider, priority=priority):
        provider.refresh_from_db()
        ids = _due_ids(kind, provider)
        # Before anything is claimed: a key that cannot be read must not leave outcomes open.
        account_of(provider)
        # Others may have come first while this one waited, or the worker is stopping.
        if is_stopping() or not ids or _sort_out(kind, provider, ids, sent):
            return
        if not circuit_breaker.admit_paid_call(provider):
            if circuit_breaker.is_open_for_paid_calls(provider, timezone.now()):
                # Open for a trial, and someone else was quicker.
                sent.left = str(_LEFT_TO_TRIAL)
            return
        token = new_id()
        rows = claim(kind, provider, ids, token)
        if not rows:
            return
        action = kind.pick_action(provider.speaks, len(rows))
        started = time.monotonic()
        if not still_ours(kind, rows, token):
            log.warning("claim on %s %s went stale before the call", kind.slug, [row.pk for row in rows])
            row_moves.drop_claim(kind, token)
            return
        error: Exception | None = None
        answers: Any = {}
        try:
            with calling(provider, action, priority=priority, admitted=True, call=token) as client:
                answers = kind.send(client, rows, action)
        except ProviderError as caught:
            error = caught
        except Exception as caught:  # anything unforeseen after the claim leaves the outcome open
            log.exception("sending %s failed in an unforeseen way", kind.slug)
            error = caught
    seconds = time.monotonic() - started
    sent.calls += 1
    outcomes = results.results_of(rows, answers, error)
    recorded = records.record(kind, provider, token, rows, outcomes, seconds=seconds)
    same_refusals.note_refusals(kind, provider, rows, recorded)
    for result in recorded.values():
        sent.outcomes[result.outcome] += 1
        if result.outcome in results.TROUBLE:
            sent.trouble = result.text


def _sort_out(kind: CallType, provider: Provider, ids: Sequence[int], sent: Sent) -> bool:
    """Before any call: refuse rows that no call can be made for, hold those that became too dear; whether any was."""
    dialect = provider.speaks
    refused = held = 0
    for row in kind.model.objects.filter(pk__in=ids).select_related(*kind.related):
        if reason := kind.impossible(row, dialect):
            refused += row_moves.refuse_unsent(kind, row.pk, reason)
        elif reason := kind.find_price_rise(row, provider):
            held += row_moves.hold_unsent(kind, row.pk, PRICE_JUMP, reason)
    sent.outcomes["refused"] += refused
    sent.outcomes["held"] += held
    return bool(refused or held)


def claim(kind: CallType, provider: Provider, ids: Sequence[int], token: uuid.UUID) -> list[Any]:
    """Take queued rows for one try, committed before the call; rows someone else took are left out.

    Writes the try's ``Attempt`` rows in the same transaction, so no call is ever without one.
    """
    with transaction.atomic():
        taken = kind.model.objects.filter(pk__in=ids, status="queued").update(
            status="sending", claim=token, claimed_at=Now(), tries=F("tries") + 1
        )
        if not taken:
            return []
        rows = list(
            kind.model.objects.filter(claim=token, status="sending").select_related(*kind.related).order_by("pk")
        )
        action = kind.pick_action(provider.speaks, len(rows))
        attempts = []
        for row in rows:
            payload, digest = kind.stored_payload(row)
            attempts.append(
                Attempt(
                    call=token,
                    provider=provider,
                    action=str(action),
                    by_id=row.created_by_id,
                    payload=payload,
                    payload_hash=digest,
                    balance_before=provider.balance,
                    request_id=row.request_id or current_id(),
                    balance_before_at=provider.balance_at,
                    **{f"{kind.subject}_id": row.pk},
                )
            )
        Attempt.objects.bulk_create(attempts)
    bind_clicks(row.request_id for row in rows)
    return rows


def still_ours(kind: CallType, rows: Sequence[PaidCall], token: uuid.UUID) -> bool:
    """Return the last look before the socket opens: the token is still on every row and fresh."""
    fresh = kind.model.objects.filter(
        pk__in=[row.pk for row in rows],
        claim=token,
        status="sending",
        claimed_at__gt=Now() - timedelta(seconds=CLAIM_FRESH_FOR),
    ).count()
    return bool(fresh == len(rows))


def providers_with_due_work(*, with_held: bool = False) -> list[int]:
    """Return ids of active providers that have something queued.

    Those held by a rate limit only where they are wanted.
    """
    now = timezone.now()
    found: set[int] = set()
    for kind in CALL_TYPES:
        due = kind.model.objects.due(now).filter(kind.sendable).order_by()
        found.update(due.values_list(kind.provider_path, flat=True).distinct())
    providers = Provider.objects.active() if with_held else Provider.objects.active().not_held()
    return sorted(providers.filter(pk__in=found).values_list("pk", flat=True))


def queued_for_later() -> dict[int, datetime]:
    """Return when the first row is due, by provider, where something is queued that may not be sent yet."""
    now = timezone.now()
    found: dict[int, datetime] = {}
    for kind in CALL_TYPES:
        later = kind.model.objects.filter(kind.sendable, status="queued", not_before__gt=now).order_by()
        for provider_id, first in later.values_list(kind.provider_path).annotate(first=Min("not_before")):
            found[provider_id] = min(first, found.get(provider_id, first))
    return found


def has_due_work(provider: Provider) -> bool:
    """Return whether anything is queued for ``provider`` that may be sent now."""
    return any(_due_ids(kind, provider) for kind in CALL_TYPES)
