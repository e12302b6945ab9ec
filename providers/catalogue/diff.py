"""Comparing a list with what is stored: plain tuples in, plain tuples out, nothing read or written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, NamedTuple

from providers.client.types import ServiceRow
from providers.models import Service, ServiceChange
from providers.models.hub_rates import storable_rate
from providers.models.search_text import search_text
from providers.models.service_names.facts import STORED, VERSION, stored_facts

SYNCS_TO_CLOSE: Final = 2
"""Lists in a row that must lack a service before it is closed."""
HELD_SYNCS_TO_CLOSE: Final = 4
"""The same while the list waits for a person: what is gone from every list for so long is not sold any more."""

LISTED: Final = (
    *("name", "type", "type_label", "category", "rate", "min_quantity", "max_quantity"),
    *("refill", "cancel", "dripfeed", "description", "average_time", "min_unread", "max_unread"),
)
"""The fields of a service that the provider's list decides."""
_FROM_ROW: Final = attrgetter(
    *("name", "type", "type_label", "category", "rate", "min", "max"),
    *("refill", "cancel", "dripfeed", "description", "average_time", "min_unread", "max_unread"),
)
KNOWN: Final = ("external_id", "pk", "is_available", "missing_syncs", "hold_reason", "accepted_rate", *LISTED)
"""The columns that a comparison needs, in the order it takes them."""
_FIRST_LISTED: Final = KNOWN.index("name")

STATE: Final = ("is_available", "missing_syncs", "hold_reason", "accepted_rate", "closed_at")
NAMING: Final = (*STORED, "read_version", "search_text")
NEW: Final = ("external_id", *LISTED, *NAMING)
_PRICE_JUMP: Final = Service.Hold.PRICE_JUMP.value
_REFUSED: Final = Service.Hold.REFUSED.value
_LONGEST_TYPE: Final = 60
_LONGEST_CHANGE: Final = 500


class Known(NamedTuple):
    """A stored service as far as a comparison needs it; one field for each of ``KNOWN``."""

    external_id: str
    pk: int
    is_available: bool
    missing_syncs: int
    hold_reason: str
    accepted_rate: Decimal | None
    name: str
    type: str
    type_label: str
    category: str
    rate: Decimal
    min_quantity: int | None
    max_quantity: int | None
    refill: bool | None
    cancel: bool | None
    dripfeed: bool | None
    description: str
    average_time: str
    min_unread: str
    max_unread: str


class Change(NamedTuple):
    """A line of the change feed, for a service that is stored."""

    service_id: int
    kind: str
    before: str
    after: str


@dataclass(slots=True)
class Difference:
    """What a list would change.

    ``updates`` are tuples of a key, ``LISTED`` and ``STATE``; ``renames`` the same with ``NAMING``
    at their end, for services whose name or category changed, ``redescribed`` for those whose description
    alone did: it is read for facts, too. ``missing`` are stored services that
    are available and not listed.
    """

    appeared: list[ServiceRow] = field(default_factory=list)
    updates: list[tuple[Any, ...]] = field(default_factory=list)
    renames: list[tuple[Any, ...]] = field(default_factory=list)
    redescribed: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    missing: list[Known] = field(default_factory=list)
    refused: int = 0
    figures: Counter[str] = field(default_factory=Counter)


def compare(rows: Iterable[ServiceRow], known: dict[str, tuple[Any, ...]], *, jump_percent: int) -> Difference:
    """Compare a list with the stored services by id (tuples of ``KNOWN``); ``known`` is used up.

    Rows whose price no column can hold are counted in ``refused`` and left as they are.
    """
    difference = Difference()
    listed = _FROM_ROW
    first = _FIRST_LISTED
    for row in rows:
        old = known.pop(row.id, None)
        if old is not None and old[2] and not old[3] and old[first:] == listed(row):
            continue
        fields = _storable(listed(row))
        if fields is None:
            difference.refused += 1
        elif old is None:
            difference.appeared.append(row)
        elif not old[2] or old[3] or old[first:] != fields:
            _note_change(difference, Known._make(old), fields, jump_percent=jump_percent)
    difference.missing = [Known._make(old) for old in known.values() if old[2]]
    return difference


def new_values(row: ServiceRow) -> tuple[Any, ...]:
    """Return what is stored of a service that was not known: values of ``NEW``.

    Raises ValueError for a price that no column can hold; ``compare`` lets none through.
    """
    fields = _storable(_FROM_ROW(row))
    if fields is None:
        raise ValueError("a price that cannot be stored")
    return (row.id, *fields, *_naming(row.id, row.name, row.category, row.description))


def _naming(external_id: str, name: str, category: str, description: str) -> tuple[Any, ...]:
    """Return what follows from a service's words: values of ``NAMING``."""
    return (*stored_facts(name, category, description), VERSION, search_text(external_id, name, category))


def _storable(fields: tuple[Any, ...]) -> tuple[Any, ...] | None:
    name, slug, label, category, rate, *rest = fields
    stored = storable_rate(rate)
    return None if stored is None else (name, slug[:_LONGEST_TYPE], label, category, stored, *rest)


def _note_change(difference: Difference, old: Known, fields: tuple[Any, ...], *, jump_percent: int) -> None:
    new = Known._make((*old[:_FIRST_LISTED], *fields))
    hold, accepted = _judge_price(old, new.rate, jump_percent)
    changes = list(_describe(old, new))
    if hold and not old.hold_reason:
        changes.append((ServiceChange.Kind.JUMP, plain(old.rate), plain(new.rate)))
        difference.figures["jumped"] += 1
    difference.changes += [
        Change(old.pk, kind, before[:_LONGEST_CHANGE], after[:_LONGEST_CHANGE]) for kind, before, after in changes
    ]
    if not old.is_available:
        difference.figures["returned"] += 1
    difference.figures["changed"] += 1
    update = (old.pk, *fields, True, 0, hold, accepted, None)
    if (old.name, old.category, old.description) == (new.name, new.category, new.description):
        difference.updates.append(update)
        return
    is_renamed = (old.name, old.category) != (new.name, new.category)
    (difference.renames if is_renamed else difference.redescribed).append(
        (*update, *_naming(old.external_id, new.name, new.category, new.description))
    )


def _judge_price(old: Known, rate: Decimal, jump_percent: int) -> tuple[str, Decimal | None]:
    """Return whether a price holds the service, and the price that was last accepted, while it does."""
    accepted = old.accepted_rate if old.hold_reason and old.accepted_rate is not None else old.rate
    if rate > accepted * (100 + jump_percent) / 100:
        return _PRICE_JUMP, accepted
    # Orders that are refused are refused whatever the list says: a person opens such a service.
    return (_REFUSED if old.hold_reason == _REFUSED else ""), None


def _describe(old: Known, new: Known) -> Iterable[tuple[str, str, str]]:
    kind = ServiceChange.Kind
    if not old.is_available:
        yield kind.RETURNED, "", ""
    if old.rate != new.rate:
        yield kind.RATE, plain(old.rate), plain(new.rate)
    if _limits(old) != _limits(new):
        yield kind.LIMITS, _limits(old), _limits(new)
    if (old.refill, old.cancel, old.dripfeed) != (new.refill, new.cancel, new.dripfeed):
        yield kind.FLAGS, _flags(old), _flags(new)
    if old.name != new.name:
        yield kind.NAME, old.name, new.name
    if old.type != new.type:
        yield kind.TYPE, old.type_label or old.type, new.type_label or new.type
    if old.category != new.category:
        yield kind.CATEGORY, old.category, new.category


def plain(amount: Decimal) -> str:
    """Return an amount without an exponent and without zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _limits(service: Known) -> str:
    low, high = service.min_quantity, service.max_quantity
    lowest = service.min_unread or "?" if low is None else low
    return f"{lowest} – {service.max_unread or '?' if high is None else high}"


def _flags(service: Known) -> str:
    words = {True: "yes", False: "no", None: "?"}
    return ", ".join(
        f"{name}: {words[value]}"
        for name, value in (("refill", service.refill), ("cancel", service.cancel), ("drip-feed", service.dripfeed))
    )
