"""Show the audit record as its reader may see it: no name of a hidden provider, no price to people without costs.

The record itself keeps everything. What a domain hides is registered by its app, since the record names no provider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest

from panelhub.redaction import hide_amounts

HIDDEN: Final = "…"
# Fields of events that hold amounts, or what amounts can be derived from.
COSTS: Final = (
    *("amount", "charge", "rate", "price", "balance", "reserved", "expected_charge", "share", "addition"),
    *("low_balance", "currency", "markup", "accepted_rate"),
)
# Of these even the summary is about amounts.
ABOUT_COSTS: Final = ("ledger.", "markup.", "openservice.", "exchangerate.", "money.", "service.price")


@dataclass(frozen=True, slots=True)
class Reader:
    """What one reader of the record may see.

    ``names`` are the providers they see, or ``None`` for all. ``hides`` returns, of rows of one kind, the ids of those
    hidden from the reader; ``strike`` takes hidden names out of a text.
    """

    sees_cost: bool = True
    names: frozenset[str] | None = None
    hides: Callable[[str, frozenset[str]], frozenset[str]] = lambda kind, ids: frozenset()
    strike: Callable[[str], str] = str

    @property
    def sees_all(self) -> bool:
        """Whether nothing of the record is hidden."""
        return self.sees_cost and self.names is None

    def sees_provider(self, name: str) -> bool:
        """Return whether this is a provider that the reader sees, or no provider at all."""
        return self.names is None or not name or name in self.names

    def clean(self, text: str) -> str:
        """Return a text without hidden names, and without amounts for a reader who sees no costs."""
        shown = self.strike(text)
        return shown if self.sees_cost else hide_amounts(shown)


MakeReader = Callable[[HttpRequest], Reader]
_makers: Final[list[MakeReader]] = []


def register_reader(make: MakeReader) -> None:
    """Have ``make(request)`` say what the reader of a page may see of the record."""
    _makers[:] = [make]


def reader_of(request: HttpRequest) -> Reader:
    """Return what the reader of ``request`` may see."""
    return _makers[0](request) if _makers else Reader()


def redact_events(events: Iterable[Mapping[str, Any]], reader: Reader) -> list[dict[str, Any]]:
    """Return events without what ``reader`` may not see."""
    rows = [dict(event) for event in events]
    ids: dict[str, set[str]] = {}
    for row in rows:
        ids.setdefault(row["target_type"], set()).add(row["target_id"])
    hidden = {(kind, pk) for kind, found in ids.items() for pk in reader.hides(kind, frozenset(found))}
    for row in rows:
        if (row["target_type"], row["target_id"]) in hidden:
            row |= {"summary": HIDDEN, "data": {}}
            continue
        row["summary"] = _clean(row["summary"], reader)
        row["data"] = _clean(row["data"], reader)
        if not reader.sees_cost and str(row["action"]).startswith(ABOUT_COSTS):
            row |= {"summary": HIDDEN, "data": {}}
    return rows


def _clean(value: Any, reader: Reader) -> Any:
    """Return a value of an event, however deep, without what is hidden from the reader."""
    if isinstance(value, str):
        return reader.clean(value)
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if not reader.sees_cost and name in COSTS else _clean(one, reader)
            for name, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_clean(one, reader) for one in value]
    return value
