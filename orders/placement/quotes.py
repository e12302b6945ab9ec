"""Quote an order while it is typed: what it costs, and what that leaves; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import Order, opens_same
from orders.order_types import Billing
from orders.placement.funds import Funds, allowance_of, funds_of
from orders.placement.pricing import Price, TooDear, count_lines, price_of
from orders.placement.service_rules import Rules
from orders.placement.validation import CONFIRM_LIMITS, OrderInvalid, check_fields
from orders.statuses import FINAL, OPEN, UNSENT
from panelhub.ui.formatting import describe_span, format_number

DUPLICATE_WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Quote:
    """The expected charge, with what it is counted from and what it leaves of the balance.

    ``fault`` is what is wrong with the counted figure so far, ``drip`` the sum of a drip-feed in words.
    """

    units: int | None
    expected: Decimal | None
    ceiling: Decimal | None
    rate: Decimal
    currency: str
    funds: Funds
    is_later: bool
    is_package: bool
    lines: int | None
    fault: str
    is_priced_each: bool = False
    drip: str = ""

    @property
    def after(self) -> Decimal | None:
        """What is left of the balance once this and what is pending are charged."""
        return self.funds.left_after(self.expected)

    @property
    def most(self) -> Decimal | None:
        """The most it can cost."""
        return self.ceiling if self.ceiling is not None else self.expected

    @property
    def is_short(self) -> bool:
        """Whether the balance is too low for it."""
        return self.after is not None and self.after < 0


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
    expected = price.expected if price and price.billed_quantity else None
    return Quote(
        units=price.billed_quantity if price else None,
        expected=expected,
        ceiling=price.ceiling if price and expected is not None and price.ceiling != expected else None,
        rate=service.rate,
        currency=service.provider.currency,
        funds=funds_of(service.provider),
        is_later=known is not None and known.billing is Billing.LATER,
        is_package=known is not None and known.billing is Billing.PACKAGE,
        lines=count_lines(str(fields.get(counted) or "")) if known and known.billing is Billing.LINES else None,
        fault=fault,
        drip=describe_drip(fields),
    )


def show_money(user: Any, quoted: Quote) -> dict[str, Any]:
    """Return whether amounts are shown, and what is left of the spending limit: for form, quote and review."""
    return {
        "sees_cost": user.has_perm("orders.view_cost"),
        "allowance": allowance_of(user, charge=quoted.most, currency=quoted.currency),
    }


def describe_drip(fields: Mapping[str, Any]) -> str:
    """Return a drip-feed in words: "3 runs × 500, one every 10 min = 1,500 in 20 min"; "" while it is none."""
    quantity, runs, interval = (_whole(fields.get(name)) for name in ("quantity", "runs", "interval"))
    if not quantity or not runs or int(runs) < 2:
        return ""
    figures = {
        "runs": format_number(int(runs)),
        "quantity": format_number(int(quantity)),
        "whole": format_number(int(runs) * int(quantity)),
    }
    if not interval:
        return _("%(runs)s runs × %(quantity)s = %(whole)s") % figures
    figures["interval"] = format_number(int(interval))
    figures["span"] = describe_span((int(runs) - 1) * int(interval) * 60)
    return _("%(runs)s runs × %(quantity)s, one every %(interval)s min = %(whole)s in %(span)s") % figures


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
