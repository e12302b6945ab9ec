"""What an order would cost, told while it is typed; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from orders.models import Order, opens_same
from orders.order_types import Billing
from orders.placement.pricing import Price, TooDear, count_lines, price_of
from orders.placement.validation import CONFIRM_LIMITS, OrderInvalid, Rules, check_fields
from orders.statuses import FINAL, OPEN, UNSENT

DUPLICATE_WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Quote:
    """The expected charge, with what it is counted from and what it leaves of the balance.

    ``fault`` is what is wrong with the counted figure so far; ``is_short`` when the provider's
    balance would not do.
    """

    units: int | None
    expected: Decimal | None
    ceiling: Decimal | None
    rate: Decimal
    currency: str
    balance: Decimal | None
    after: Decimal | None
    is_short: bool
    is_later: bool
    is_package: bool
    lines: int | None
    fault: str
    is_priced_each: bool = False


def quote_for(rules: Rules, fields: Mapping[str, Any]) -> Quote:
    """Return the quote for ``fields`` as far as they are typed."""
    service, known = rules.service, rules.known
    counted = known.counted or "quantity" if known else "quantity"
    fault = ""
    price: Price | None = None
    try:
        price = check_fields(
            rules, {**{name: fields[name] for name in fields}, CONFIRM_LIMITS: "1"}, raw_allowed=True
        ).price
    except OrderInvalid as refusal:
        if str(fields.get(counted) or "").strip():
            fault = " ".join(refusal.errors.get(counted, []))
        price = _rough_price(rules, fields)
    balance = service.provider.balance
    expected = price.expected if price and price.billed_quantity else None
    after = balance - expected if balance is not None and expected is not None else None
    return Quote(
        units=price.billed_quantity if price else None,
        expected=expected,
        ceiling=price.ceiling if price and expected is not None and price.ceiling != expected else None,
        rate=service.rate,
        currency=service.provider.currency,
        balance=balance,
        after=after,
        is_short=after is not None and after < 0,
        is_later=known is not None and known.billing is Billing.LATER,
        is_package=known is not None and known.billing is Billing.PACKAGE,
        lines=count_lines(str(fields.get(counted) or "")) if known and known.billing is Billing.LINES else None,
        fault=fault,
    )


def _rough_price(rules: Rules, fields: Mapping[str, Any]) -> Price | None:
    """Return the price of what makes sense already, while the rest is still being typed."""
    figures = {name: text for name in ("quantity", "runs") if (text := _whole(fields.get(name)))}
    texts = {name: str(value) for name, value in fields.items() if name not in {"quantity", "runs"}}
    with suppress(TooDear):
        return price_of(rules.service, rules.known, {**texts, **figures})
    return None


def _whole(value: Any) -> str:
    text = str(value or "").strip()
    return text if text.isascii() and text.isdigit() and len(text) <= 15 else ""


def recent_twin(visible: QuerySet[Order], *, provider_id: int, link: str, platform: str = "") -> Order | None:
    """Return the newest order for the same link at the provider that is open, or that was made within a day."""
    if not link:
        return None
    newest = (
        visible.filter(opens_same(link, platform), provider_id=provider_id)
        .exclude(status__in=["rejected", "withdrawn", "given_up"])
        .order_by("-id")
        .first()
    )
    if newest is None:
        return None
    is_open = newest.status in OPEN | UNSENT | {"sending", "unconfirmed"}
    is_recent = newest.status in FINAL and newest.created_at > timezone.now() - DUPLICATE_WINDOW
    return newest if is_open or is_recent else None
