"""Describe changes of the catalogues: since when they count as new, and a short text for each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from panelhub.ui.formatting import format_number, plain_money
from providers.models import ServiceChange

ChangeKind = ServiceChange.Kind
PRICE_KINDS: Final = frozenset({ChangeKind.RATE, ChangeKind.JUMP, ChangeKind.ACCEPTED, ChangeKind.APPEARED})
"""The kinds whose lines hold prices, which not everybody may see."""
_LONG_NUMBER: Final = re.compile(r"(?<![\d.,])\d{4,15}(?![\d.,])")
UP: Final = "▲"
DOWN: Final = "▼"


@dataclass(frozen=True, slots=True)
class Mark:
    """A change as a tag: a tone of the palette and a word."""

    tone: str
    word: str


def start_of_yesterday() -> datetime:
    """Return since when changes are new: the first moment of yesterday, where the hub is."""
    day = timezone.localdate() - timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time.min))


def once_each(found: QuerySet[ServiceChange]) -> QuerySet[ServiceChange]:
    """Leave out the line of a price where the same list also closed the service for it: one change, one line."""
    jumps = ServiceChange.objects.filter(service=OuterRef("service"), kind=ChangeKind.JUMP, at=OuterRef("at"))
    return found.exclude(Q(kind=ChangeKind.RATE) & Exists(jumps))


def marks_of(service_ids: Collection[int], *, sees_cost: bool) -> dict[int, list[Mark]]:
    """Return what changed since yesterday about each of these services; one statement."""
    lines: dict[int, list[tuple[str, str, str]]] = {}
    found = ServiceChange.objects.filter(service_id__in=service_ids, at__gte=start_of_yesterday()).order_by("id")
    for pk, kind, before, after in found.values_list("service_id", "kind", "before", "after"):
        lines.setdefault(pk, []).append((kind, before, after))
    return {pk: list(_summarise(of_one, sees_cost=sees_cost)) for pk, of_one in lines.items()}


def _summarise(lines: list[tuple[str, str, str]], *, sees_cost: bool) -> Iterable[Mark]:
    """Return one mark for each kind of change; several changes of the price are shown as one."""
    kinds = {kind for kind, _before, _after in lines}
    if ChangeKind.APPEARED in kinds:
        yield Mark("info", _("new"))
    if ChangeKind.RETURNED in kinds:
        yield Mark("info", _("reopened"))
    rates = [(before, after) for kind, before, after in lines if kind == ChangeKind.RATE]
    if rates and sees_cost and (step := price_step(rates[0][0], rates[-1][1])):
        yield step
    for kind, word in (
        (ChangeKind.LIMITS, _("limits changed")),
        (ChangeKind.FLAGS, _("terms changed")),
        (ChangeKind.NAME, _("renamed")),
        (ChangeKind.TYPE, _("type changed")),
    ):
        if kind in kinds:
            yield Mark("warn", word)


def price_step(before: str, after: str) -> Mark | None:
    """Return how far a price went up or down; None when it did neither, or was no price."""
    old, new = read_price(before), read_price(after)
    if old is None or new is None or old == new:
        return None
    arrow, tone = (UP, "bad") if new > old else (DOWN, "good")
    word = _("price %(arrow)s %(step)s") % {"arrow": arrow, "step": _step(old, new)}
    return Mark(tone, word)


def _step(old: Decimal, new: Decimal) -> str:
    if not old:
        return "…"
    percent = abs(new / old - 1) * 100
    if percent < Decimal("0.1"):
        return "<0.1%"
    return f"{percent:.1f}%" if percent < 10 else f"{percent:.0f}%"


def read_price(text: str) -> Decimal | None:
    """Return a price as the feed stores it."""
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    return price if price.is_finite() else None


def show_value(kind: str, text: str) -> str:
    """Return one side of a change as it is shown: prices and limits with their thousands parted."""
    if kind in PRICE_KINDS and (price := read_price(text)) is not None:
        return plain_money(price)
    if kind == ChangeKind.LIMITS:
        return _LONG_NUMBER.sub(lambda found: format_number(int(found[0])), text)
    return text
