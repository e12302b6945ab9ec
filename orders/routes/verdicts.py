"""Judge the last order of a chain: wait, done, buy the next one by itself, or ask a person. Reads and writes nothing
but what it is given and what the timeline of that order says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Attempt, BalanceCheck, Cancellation, Chain, ChainStep, Order, OrderEvent, Refill
from orders.routes.books import delivered_by, rest_of
from orders.routes.choice import ORDERED_TYPE
from orders.submission.call_types import HELD_SERVICE
from providers.client.errors import OrderProblem

if TYPE_CHECKING:
    from django.db.models import QuerySet

Reason = ChainStep.Reason
GOES_ON: Final = frozenset({OrderProblem.service.value, OrderProblem.quantity.value})
"""What a listed refusal may be about for the chain to go on by itself."""
SEEN_FOR: Final = timedelta(minutes=10)
LOOK_AGAIN: Final = timedelta(minutes=10)
_RESTS: Final = frozenset({"partial", "canceled"})
_OPEN_CALLS: Final = (statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done now; ``until`` is when to look again, where time alone changes something."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The chain is at its end."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Only a person may decide: why, as a reason and a sentence."""

    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class Buy:
    """The next order is due: why, and how much of what was ordered."""

    reason: str
    quantity: int


Verdict = Wait | Done | Ask | Buy


def judge(chain: Chain, links: Sequence[Order]) -> Verdict:
    """Return what is due for a locked, active chain with these orders, in the order of their positions."""
    last = links[-1]
    if any(link.status in statuses.IN_HAND | statuses.OPEN for link in links[:-1]):
        if last.status == statuses.QUEUED and last.approved_by_id is None:
            return Ask(Reason.LATE_ANSWER, _("An earlier order of this chain is open again."))
        return Wait()
    if last.status == statuses.QUEUED:
        return _judge_queued(chain, last)
    if last.status in statuses.IN_HAND | statuses.OPEN:
        return Wait()
    if last.status == "completed":
        return Done()
    if last.status == "rejected":
        return _judge_rejected(chain, last, links)
    if last.status in _RESTS:
        return _judge_rest(chain, last, links)
    return Ask(Reason.BY_HAND, _("The last order ended as “%(status)s”.") % {"status": last.get_status_display()})


def is_doubtful(link: Order) -> bool:
    """Return whether any try of an order ended unknown, or was taken for lost, whatever became of it later.

    A try whose refusal the balance confirmed is certain.
    """
    proven = BalanceCheck.objects.filter(order=link, state=BalanceCheck.State.REJECTED)
    tries = Attempt.objects.filter(order=link).exclude(pk__in=proven.values("attempt"))
    unknown = Q(outcome__in=(Attempt.Outcome.OPEN, Attempt.Outcome.UNKNOWN)) | ~Q(late_id="")
    if tries.filter(unknown).exists():
        return True
    return OrderEvent.objects.filter(order=link, after=statuses.UNCONFIRMED).count() > proven.count()


def tried_services(links: Sequence[Order]) -> set[int]:
    """Return the services that are not taken again: tried since something was delivered last, or twice in all."""
    tried: set[int] = set()
    counted: Counter[int] = Counter()
    for link in links:
        if link.service_id is None:
            continue
        counted[link.service_id] += 1
        if delivered_by(link):
            tried.clear()
        tried.add(link.service_id)
    return tried | {service for service, count in counted.items() if count > 1}


def waits_since(chain: Chain, link: Order) -> datetime | None:
    """Return since when a queued order waits for its provider or service to be open; ``None`` while they are."""
    provider, service = link.provider, link.service
    if provider.pause_kind and provider.paused_at:
        return max(provider.paused_at, link.created_at)
    is_held = service is not None and service.hold_reason == HELD_SERVICE
    if provider.pause_kind or not provider.is_active or is_held:
        return chain.seen_at if chain.seen == {"waits": link.pk} and chain.seen_at else timezone.now()
    return None


def _judge_queued(chain: Chain, last: Order) -> Verdict:
    since = waits_since(chain, last)
    if since is None:
        return Wait()
    ends = since + timedelta(minutes=chain.patience_minutes)
    if timezone.now() < ends:
        return Wait(ends)
    if is_doubtful(last):
        return Ask(Reason.NOT_CERTAIN, _not_certain())
    return Buy(Reason.PATIENCE, _again(chain, last))


def _judge_rejected(chain: Chain, last: Order, links: Sequence[Order]) -> Verdict:
    if is_doubtful(last):
        return Ask(Reason.NOT_CERTAIN, _not_certain())
    attempt = Attempt.objects.filter(order=last).order_by("-id").first()
    if attempt is None:
        return Ask(Reason.BY_HAND, _("The order was rejected before it was sent."))
    if BalanceCheck.objects.filter(attempt=attempt, state=BalanceCheck.State.REJECTED).exists():
        return Buy(Reason.BALANCE, _again(chain, last))
    if attempt.outcome == Attempt.Outcome.REFUSED and attempt.problem in GOES_ON:
        return Buy(Reason.REFUSED, _again(chain, last))
    return Ask(Reason.BY_HAND, _("The provider rejected the order for a reason that may hold elsewhere, too."))


def _judge_rest(chain: Chain, last: Order, links: Sequence[Order]) -> Verdict:
    """Judge an order that ended with a rest: the provider must say the same twice, and nothing else be under way."""
    canceled = Cancellation.objects.filter(order=last).exclude(status__in=("refused", statuses.WITHDRAWN)).exists()
    # A cancel that was refused or withdrawn moves nothing.
    moves = chain.reason == Reason.MOVED and canceled
    if not chain.buys_rest and not moves:
        return Done()
    if is_doubtful(last):
        return Ask(Reason.NOT_CERTAIN, _not_certain())
    if last.service is None or last.service.type != ORDERED_TYPE or last.parameters.get("runs"):
        return Ask(Reason.BY_HAND, _("The rest of this type of order is only bought by a person."))
    if last.remains is None or not 0 < last.remains <= (last.quantity or 0):
        return Ask(Reason.BY_HAND, _("The provider’s figure of what remains can’t be right."))
    if canceled and not moves:
        return Ask(Reason.CANCEL, _("The order was canceled from here."))
    if _open_calls(last):
        return Wait(timezone.now() + LOOK_AGAIN)
    if chain.seen != seen_of(last) or not chain.is_seen_twice:
        return Wait(timezone.now() + LOOK_AGAIN)
    return Buy(Reason.MOVED if moves else Reason.REST, rest_of(chain, links))


def seen_of(link: Order) -> dict[str, object]:
    """Return what an order stands at, as a chain notes it."""
    return {"order": link.pk, "status": link.status, "word": link.provider_status, "remains": link.remains}


def _open_calls(last: Order) -> bool:
    refills: QuerySet[Refill] = Refill.objects.filter(order=last, status__in=(*_OPEN_CALLS, *statuses.REFILL_OPEN))
    return refills.exists() or Cancellation.objects.filter(order=last, status__in=_OPEN_CALLS).exists()


def _again(chain: Chain, last: Order) -> int:
    """Return the quantity of an order that bought nothing, for the next one; each run of a drip-feed."""
    return last.quantity or chain.quantity


def _not_certain() -> str:
    return _("An attempt of the last order has no certain result, so nothing more is bought without a person.")
