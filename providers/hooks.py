"""What other apps can say about an account: they register here, as this app knows none of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Workload:
    """What waits at an account, and what it spends.

    ``clicks`` is paid work that may go out now (``oldest`` since when), ``background`` how many rounds of questions
    are due; ``spent_a_day`` is what was charged a day of the last week, in the account's currency.
    """

    clicks: int = 0
    background: int = 0
    oldest: datetime | None = None
    spent_a_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a paid call was about, and the page that shows it; both are "" for what the reader does not see."""

    label: str
    url: str


class OrderTypeFacts(Protocol):
    """What the catalogue shows of an order type."""

    @property
    def label(self) -> Any:
        """How it is called, translated."""

    @property
    def dripfeed(self) -> bool:
        """Whether it can be sent in runs."""


WorkloadOf = Callable[[int], Workload]
WordsOf = Callable[[int], Sequence[tuple[str, int]]]
OrderTypes = Callable[[], Mapping[str, "OrderTypeFacts"]]
SubjectsOf = Callable[[Collection[uuid.UUID], Any], Mapping[uuid.UUID, list[Subject]]]

_workload: list[WorkloadOf] = []
_subjects: list[SubjectsOf] = []
_words: list[WordsOf] = []
_order_types: list[OrderTypes] = []


def register_workload(find: WorkloadOf) -> None:
    """Have ``find`` tell the workload of an account by its key; one statement. The last one registered counts."""
    _workload[:] = [find]


def register_subjects(find: SubjectsOf) -> None:
    """Have ``find`` name what paid calls were about, by their tokens, as a reader sees it; one statement."""
    _subjects[:] = [find]


def register_words(find: WordsOf) -> None:
    """Have ``find`` list the words of states that an account has sent for what is open, with their counts."""
    _words[:] = [find]


def register_order_types(find: OrderTypes) -> None:
    """Have ``find`` list the order types that the hub knows, by slug."""
    _order_types[:] = [find]


def type_labels() -> Mapping[str, Any]:
    """Return the labels of the order types that the hub knows, by slug."""
    return {slug: facts.label for slug, facts in _known_types().items()}


def dripfeed_types() -> list[str]:
    """Return the slugs of the order types that can be sent in runs."""
    return [slug for slug, facts in _known_types().items() if facts.dripfeed]


def _known_types() -> Mapping[str, OrderTypeFacts]:
    return _order_types[0]() if _order_types else {}


def words_of(provider_id: int) -> Sequence[tuple[str, int]]:
    """Return the words of states that an account has sent for what is open there, the most frequent first."""
    return _words[0](provider_id) if _words else ()


def workload_of(provider_id: int) -> Workload:
    """Return what waits at an account; nothing, where no app registered how to find out."""
    return _workload[0](provider_id) if _workload else Workload()


def subjects_of(calls: Collection[uuid.UUID], reader: Any) -> Mapping[uuid.UUID, list[Subject]]:
    """Return what these paid calls were about, as ``reader`` sees it."""
    return _subjects[0](calls, reader) if _subjects and calls else {}
