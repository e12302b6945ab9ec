"""The table of providers: what each was paid, how it did, how its prices compare, and how long its balance lasts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders.models import ProviderQuality
from orders.statistics.contexts import Dashboard, percent_text, span_text
from panelhub.ui.formatting import format_count, format_money, format_when

_NONE: Final = ProviderQuality()
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """One provider: what it was paid, how it did, how its prices compare, and how long its balance lasts."""

    pk: int
    name: str
    spent: SafeString
    orders: str
    price: str
    price_tone: str
    to_start: str
    to_finish: str
    completed: str
    refills: str
    refills_title: str
    balance: SafeString
    balance_at: SafeString
    days_left: str
    is_low: bool


def provider_lines(board: Dashboard) -> list[ProviderLine]:
    """Return every provider of a dashboard, the most used first; no statement."""
    ordered = sorted(board.providers.values(), key=lambda one: -board.totals.by_provider[True, one.pk].orders)
    return [_line(board, provider) for provider in ordered]


def _line(board: Dashboard, provider: Any) -> ProviderLine:
    quality: ProviderQuality = getattr(provider, "quality", None) or _NONE
    one = board.totals.by_provider[True, provider.pk]
    days = board.days_left(provider)
    price, tone = _price_words(quality.price_ratio)
    asked, done = quality.refills_decided, quality.refills_honoured
    return ProviderLine(
        pk=provider.pk,
        name=provider.name,
        spent=format_money(one.charge.quantize(_CENT), provider.currency),
        orders=format_count(one.orders),
        price=price,
        price_tone=tone,
        to_start=span_text(quality.seconds_to_start),
        to_finish=span_text(quality.seconds_to_finish),
        completed=percent_text(quality.completed if quality.orders else None),
        refills=percent_text(done / asked if asked else None),
        refills_title=_("%(done)s of %(all)s refills") % {"done": done, "all": asked} if asked else "",
        balance=format_money(None if provider.balance is None else provider.balance.quantize(_CENT), provider.currency),
        balance_at=format_when(provider.balance_at, board.now).html if provider.balance_at else SafeString(""),
        days_left="–" if days is None else _("%(n)d d") % {"n": min(int(days), 999)},
        is_low=board.is_low(provider),
    )


def _price_words(ratio: float | None) -> tuple[str, str]:
    """Return how a provider's prices compare with the cheapest, and a tone."""
    if ratio is None:
        return "–", ""
    percent = round((ratio - 1) * 100)
    return (_("cheapest"), "good") if percent == 0 else (f"+{format_count(percent)}%", "")
