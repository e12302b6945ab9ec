"""Batch requests: query a provider for the states of many ids, in as few calls as it allows.

Reads only. A batch that is refused as a whole because of what is in it is halved until the bad
ids are alone; a panel whose batch answers cannot be matched to ids gets one call per id. An
outage is neither: it raises, and what was answered before it stays in :attr:`BatchRequest.answers`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from providers.calls.services import calling
from providers.client.errors import OrderProblem, OrderRefused, Unknown, UnknownReason
from providers.client.replies.scalars import read_id
from providers.client.types import RowError
from providers.dialects import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from providers.calls.rate_limit import CallPriority
    from providers.calls.services import Stretch
    from providers.client.client import PanelClient
    from providers.models import Provider

# A refusal of these kinds is about how the call was written: halving the ids would not help.
NOT_ABOUT_IDS: Final = frozenset({OrderProblem.action, OrderProblem.parameter})
SINGLES_AT_ONCE: Final = 10
# Finding one bad id among a hundred takes fourteen calls; a batch of nothing else must not eat the budget.
BAD_IDS_PAID_FOR: Final = 3


@dataclass(frozen=True, slots=True)
class Question:
    """Describe a status query in both its forms: the action and the client's method for one id, and for many."""

    one: Action
    many: Action
    ask_one: Callable[[PanelClient, str], Any]
    ask_many: Callable[[PanelClient, Sequence[str]], Any]


ORDER_STATUS: Final = Question(
    Action.status,
    Action.multi_status,
    lambda client, one: client.status(one),
    lambda client, many: client.statuses(many),
)
REFILL_STATUS: Final = Question(
    Action.refill_status,
    Action.multi_refill_status,
    lambda client, one: client.refill_status(one),
    lambda client, many: client.refill_statuses(many),
)
PRODUCT_STATUS: Final = Question(
    Action.product_order_status,
    Action.multi_product_order_status,
    lambda client, one: client.product_status(one),
    lambda client, many: client.product_statuses(many),
)


@dataclass(slots=True)
class BatchRequest:
    """Send one kind of status query to one provider, as often as needed.

    ``answers`` are by id: a value, or :class:`RowError` with the provider's words; an id that was
    not answered is absent. ``poison`` are ids that made every call they were in fail, ``unasked`` those
    of a failed batch that was abandoned; ``singly`` says that batches do not work here.
    """

    provider: Provider
    question: Question
    priority: CallPriority
    singly: bool = False
    stretch: Stretch | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    poison: set[str] = field(default_factory=set)
    unasked: set[str] = field(default_factory=set)
    calls: int = 0

    def __post_init__(self) -> None:
        self.singly = self.singly or not self.provider.speaks.can(self.question.many)

    @property
    def batch(self) -> int:
        """Return how many ids go into one :meth:`ask`."""
        return SINGLES_AT_ONCE if self.singly else self.provider.speaks.limit(self.question.many)

    def ask(self, ids: Sequence[str]) -> None:
        """Request at most :attr:`batch` ids and store the answers.

        Raises the client's error when the provider could not be reached at all.
        """
        # What is no id by the protocol cannot be written on the wire; it counts as not answered.
        askable = [one for one in dict.fromkeys(ids) if read_id(one) == one]
        if self.singly:
            for one in askable:
                self._ask_one(one)
        elif askable:
            self._ask_many(askable, _Allowance(BAD_IDS_PAID_FOR * 2 * math.ceil(math.log2(max(2, len(askable))))))

    def _ask_many(self, ids: Sequence[str], allowance: _Allowance) -> None:
        try:
            with self._call(self.question.many) as client:
                self.answers.update(self.question.ask_many(client, ids))
        except OrderRefused as refusal:
            if refusal.problem in NOT_ABOUT_IDS:
                self._ask_singly(ids, refusal)
            elif len(ids) == 1:
                self.answers[ids[0]] = RowError(refusal.error)
                self.poison.add(ids[0])
            else:
                self._halve(ids, allowance)
        except Unknown as unknown:
            if unknown.reason is not UnknownReason.no_answer or len(ids) == 1:
                raise
            self._ask_singly(ids, unknown)

    def _halve(self, ids: Sequence[str], allowance: _Allowance) -> None:
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            if allowance.spend():
                self._ask_many(half, allowance)
            else:
                self.unasked.update(half)

    def _ask_singly(self, ids: Sequence[str], why: OrderRefused | Unknown) -> None:
        """Handle a refused batch: try one id alone, and continue one by one if that works."""
        if not self.provider.speaks.can(self.question.one):
            raise why
        try:
            self._ask_one(ids[0])
        except Unknown:
            raise why from None
        answer = self.answers[ids[0]]
        if isinstance(answer, RowError) and isinstance(why, OrderRefused) and answer.error == why.error:
            del self.answers[ids[0]]
            raise why
        self.singly = True
        for one in ids[1:]:
            self._ask_one(one)

    def _ask_one(self, one: str) -> None:
        try:
            with self._call(self.question.one) as client:
                self.answers[one] = self.question.ask_one(client, one)
        except OrderRefused as refusal:
            self.answers[one] = RowError(refusal.error)

    def _call(self, action: Action) -> Any:
        self.calls += 1
        return calling(self.provider, action, priority=self.priority, stretch=self.stretch)


@dataclass(slots=True)
class _Allowance:
    """How many calls may still be spent on halving one batch."""

    calls: int

    def spend(self) -> bool:
        self.calls -= 1
        return self.calls >= 0
