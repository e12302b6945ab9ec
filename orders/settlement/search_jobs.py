"""Searches among neighbouring ids as the background does them, and what a person may conclude from one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Order, WindowSearch
from orders.settlement.evidence import Evidence, evidence
from orders.settlement.id_search import Prober, run_search
from orders.settlement.id_window import SLACK
from panelhub.background.dispatch import notify_worker
from panelhub.background.jobs import job
from panelhub.background.worker import is_stopping
from providers.accounts.balances import sync_balance
from providers.calls import circuit_breaker
from providers.calls.rate_limit import BudgetExhausted
from providers.client.errors import ProviderError
from providers.dialects import Action
from providers.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TASK: Final = "orders.settlement.tasks.run_searches"
JOB: Final = "search_window"
AT_ONCE: Final = 500
RETRY_AFTER: Final = timedelta(minutes=5)
MOST_FAILURES: Final = 5
RIVALS_WITHIN: Final = timedelta(days=1)
_UNREADABLE: Final = (Provider.Pause.BAD_KEY, Provider.Pause.ACCOUNT_OFF, Provider.Pause.MAINTENANCE)


# --- When to search -------------------------------------------------------------------------------------------------


def ask_for_search(order: Order, *, by: Any = None) -> WindowSearch:
    """Return the open search of ``order``; when there is none, create one and notify a worker."""
    try:
        with transaction.atomic():
            search = WindowSearch.objects.filter(order=order, finished_at=None).first()
            if search is None:
                search = WindowSearch.objects.create(order=order, by=by)
            notify_worker(TASK, order.provider_id)
    except IntegrityError:
        return WindowSearch.objects.get(order=order, finished_at=None)
    return search


def start_due_searches() -> list[int]:
    """Make the searches that are due by themselves; returns ids of providers with an open search."""
    # Those that were never searched for come first: many that no one resolves must not block the next ones.
    due = sorted(_due_orders(timezone.now()), key=lambda pair: pair[0])
    for _searched, order in due[:AT_ONCE]:
        ask_for_search(order)
    waiting = WindowSearch.objects.filter(finished_at=None, order__provider__is_active=True)
    return sorted(set(waiting.values_list("order__provider_id", flat=True)))


def _due_orders(now: Any) -> Iterator[tuple[bool, Order]]:
    """Yield each unconfirmed order that is due, oldest first, and whether it was searched for before.

    All are looked at, a batch at a time: the first five hundred may wait for a person for weeks, due no more.
    """
    lost = (
        Order.objects.filter(status=statuses.UNCONFIRMED, provider__is_active=True)
        .exclude(provider__pause_kind__in=_UNREADABLE)
        .order_by("pk")
        .only("pk", "provider_id", "claimed_at", "created_at")
    )
    last = 0
    while batch := list(lost.filter(pk__gt=last)[:AT_ONCE]):
        searches: dict[int, list[WindowSearch]] = {}
        for search in WindowSearch.objects.filter(order__in=batch).defer("candidates", "ranges").order_by("id"):
            searches.setdefault(search.order_id, []).append(search)
        for order in batch:
            done = searches.get(order.pk, [])
            if _is_due(order, done, now):
                yield bool(done), order
        last = batch[-1].pk


def _is_due(order: Order, done: Sequence[WindowSearch], now: Any) -> bool:
    if not done:
        return True
    last = done[-1]
    if last.finished_at is None:
        return False
    if last.failure:
        failures = sum(1 for search in done if search.failure)
        return failures < MOST_FAILURES and now - last.finished_at > RETRY_AFTER
    # Once more when the order can no longer be accepted late, if nothing had answered before.
    settled_at = (order.claimed_at or order.created_at) + 2 * SLACK
    return not last.answered and last.at < settled_at < now


def run_searches(provider: Provider) -> dict[str, int]:
    """Do the open searches of one provider; figures of the run, empty when it runs elsewhere."""
    with job(JOB, provider=provider.name) as run:
        if run is None:
            return {}
        prober = Prober(provider)
        waiting = WindowSearch.objects.filter(finished_at=None, order__provider=provider).order_by("id")
        searches = list(waiting.select_related("order__provider", "order__service__provider"))
        _read_balance(provider, searches)
        for search in searches:
            if is_stopping() or circuit_breaker.is_broken(provider, timezone.now()):
                break
            try:
                done = _search(search, prober)
            except BudgetExhausted:
                break
            verdict = verdict_on(search.order, done)
            WindowSearch.objects.filter(pk=done.pk).update(verdict=verdict.state)
            run.count(searches=1, calls=done.calls, ids=done.asked, found=len(verdict.fitting))
            if done.failure:
                run.fail(done.failure)
                provider.refresh_from_db()
        return dict(run.counts)


def _read_balance(provider: Provider, searches: Sequence[WindowSearch]) -> None:
    """Have the balance after the lost calls too: what moved it says whether they were taken."""
    lost = [search.order.claimed_at for search in searches if search.order.claimed_at is not None]
    if not lost or (provider.balance_at is not None and provider.balance_at > max(lost) + SLACK):
        return
    if provider.speaks.can(Action.balance):
        with suppress(ProviderError, BudgetExhausted):
            sync_balance(provider)


def _search(search: WindowSearch, prober: Prober) -> WindowSearch:
    if search.order.status != statuses.UNCONFIRMED:
        search.note = _("The order was resolved before the search started.")
    elif not prober.provider.speaks.can(Action.status):
        search.note = prober.provider.speaks.why_not(Action.status)
    else:
        try:
            return run_search(search, prober)
        except ProviderError as error:
            search.failure = str(error)[:500]
    search.finished_at = timezone.now()
    search.save()
    return search


# --- Verdicts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What evidence and search together let one conclude about an unconfirmed order.

    ``state`` is ``searching``, ``failed``, ``found`` (one id, borne out by the balance or the
    reply itself), ``listed`` (a person has to choose) or ``none``. ``fitting`` are candidates
    that can be it, ``others`` ids that answered and cannot. ``sentence`` says it in plain words.
    """

    state: str
    sentence: str
    fitting: tuple[dict[str, Any], ...] = ()
    others: tuple[dict[str, Any], ...] = ()


def verdict_on(order: Order, search: WindowSearch | None, known: Evidence | None = None) -> Verdict:
    """Return the verdict of the latest search of ``order``."""
    if search is None or search.finished_at is None:
        return Verdict("searching", _("The search hasn’t finished yet."))
    if search.failure:
        return Verdict("failed", _("The search stopped: %(why)s") % {"why": search.failure})
    known = known or evidence(order)
    fitting = tuple(found for found in search.candidates if found["fits"])
    others = tuple(found for found in search.candidates if not found["fits"])
    if not fitting:
        return Verdict("none", _words_for_none(search), others=others)
    if len(fitting) > 1:
        return Verdict("listed", _("Several IDs match this order. Choose one."), fitting, others)
    (one,) = fitting
    rivals = _rivals(order, str(one["id"]))
    if rivals and not one["seen"]:
        sentence = _("#%(id)s matches this order, but also unconfirmed order #%(rival)s.")
        return Verdict("listed", sentence % {"id": one["id"], "rival": rivals[0]}, fitting, others)
    if one["seen"]:
        return Verdict("found", _("The broken reply itself named #%(id)s.") % {"id": one["id"]}, fitting, others)
    if known.balance.charged:
        sentence = _("#%(id)s matches, and the balance changed by this order’s price.")
        return Verdict("found", sentence % {"id": one["id"]}, fitting, others)
    if known.balance.charged is False:
        sentence = _("#%(id)s matches, but the balance didn’t change by this order’s price.")
    else:
        sentence = _("#%(id)s matches; the balance can’t confirm it.")
    return Verdict("listed", sentence % {"id": one["id"]}, fitting, others)


def _rivals(order: Order, external_id: str) -> list[int]:
    """Return other orders whose lost try may have had this id, however they were settled."""
    around = order.claimed_at or order.created_at
    searches = (
        WindowSearch.objects.filter(order__provider_id=order.provider_id, at__gt=around - RIVALS_WITHIN)
        .exclude(order=order)
        .exclude(candidates=[])
        .order_by("-id")
        .values_list("order_id", "candidates")
    )
    return [
        order_id
        for order_id, candidates in searches[:AT_ONCE]
        if any(found["id"] == external_id and found["fits"] for found in candidates)
    ]


def _words_for_none(search: WindowSearch) -> str:
    if search.note and not search.asked:
        return search.note
    sentence = _(
        "None of the %(asked)s IDs checked matches. The order probably wasn’t placed, but this isn’t proof."
    ) % {"asked": search.asked}
    if search.is_capped:
        sentence += " " + _("Not all nearby IDs were checked.")
    return f"{sentence} {search.note}".strip()
