"""What the books of panels and hub say side by side: the figures of the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from orders.models import Order, ProductOrder
from providers.models import Provider
from providers.sandbox.books.ledger import Ledger
from tests.helpers.conservation import BOOKS, NEVER_TAKEN, PERHAPS_TAKEN, Books


@dataclass(slots=True)
class Line:
    """One kind of paid call at one provider. accepted = placed + unconfirmed_accepted; doubled and lost are zero."""

    provider: str
    kind: str
    rows: int = 0
    accepted: int = 0
    placed: int = 0
    unconfirmed: int = 0
    unconfirmed_accepted: int = 0
    refused: int = 0
    withdrawn: int = 0
    doubled: int = 0
    lost: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether this line is as it has to be."""
        return self.accepted == self.placed + self.unconfirmed_accepted and not self.doubled and not self.lost


def read_books(ledger: Ledger, providers: Sequence[Provider]) -> list[Line]:
    """Return a line for each kind of paid call at each provider that had any."""
    lines = [_read_kind(books, ledger, provider) for provider in providers for books in BOOKS]
    return [line for line in lines if line.rows or line.accepted]


def _read_kind(books: Books, ledger: Ledger, provider: Provider) -> Line:
    line = Line(provider.name, books.kind.slug)
    accepted: Counter[str] = Counter()
    for mark, _number in books.accepted(ledger, provider.dialect):
        accepted[mark] += 1
    rows: defaultdict[str, list[Any]] = defaultdict(list)
    for row in books.kind.model.objects.filter(**{books.kind.provider_path: provider}).select_related(
        *books.kind.related
    ):
        rows[books.mark(row)].append(row)
    for mark in accepted.keys() | rows.keys():
        _add(line, accepted[mark], [row.status for row in rows[mark]])
    return line


def _add(line: Line, accepted: int, states: Sequence[str]) -> None:
    placed = sum(1 for state in states if state not in NEVER_TAKEN | PERHAPS_TAKEN)
    open_ = sum(1 for state in states if state in PERHAPS_TAKEN)
    line.rows += len(states)
    line.accepted += accepted
    line.placed += placed
    line.unconfirmed += open_
    line.unconfirmed_accepted += min(open_, max(0, accepted - placed))
    line.refused += sum(1 for state in states if state in {"rejected", "refused"})
    line.withdrawn += sum(1 for state in states if state == "withdrawn")
    beyond = max(0, accepted - placed - open_)
    if placed or open_:
        line.doubled += beyond
    else:
        line.lost += beyond
    line.lost += max(0, placed - accepted)


def sum_up(lines: Iterable[Line], kinds: Sequence[str], *, by_provider: bool = True) -> list[Line]:
    """Return lines of several kinds added up, one for each provider."""
    added: dict[str, Line] = {}
    for line in lines:
        if line.kind not in kinds:
            continue
        name = line.provider if by_provider else "all"
        total = added.setdefault(name, Line(name, "+".join(kinds)))
        for field in fields(Line)[2:]:
            setattr(total, field.name, getattr(total, field.name) + getattr(line, field.name))
    return list(added.values())


def missing_of(reported: set[str]) -> list[str]:
    """Return what was confirmed to people as accepted and is not in the database, or is there more than once."""
    kept = Counter(Order.objects.values_list("link", flat=True))
    kept.update(order.require for order in ProductOrder.objects.all())
    return sorted(mark for mark in reported if kept[mark] != 1)


def as_dict(line: Line) -> dict[str, Any]:
    """Return a line as it is handed to another process."""
    return asdict(line)
