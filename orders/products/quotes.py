"""Quote a product order: price, checks and warnings before it is placed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from orders.placement.funds import funds_of
from orders.placement.pricing import TooDear, price_of_pieces
from orders.placement.quotes import Quote, _whole
from orders.placement.validation import OrderInvalid
from orders.products.services import check_product
from providers.models import Product


def quote_for_product(product: Product, fields: Mapping[str, Any]) -> Quote:
    """Return the quote for an order of ``product`` (its provider loaded), as far as ``fields`` are typed."""
    typed = str(fields.get("quantity") or "").strip()
    fault = ""
    try:
        # What the buyer hands over costs nothing; with something in its place only the figure is judged.
        check_product(product, quantity=typed, require="-")
    except OrderInvalid as refusal:
        fault = " ".join(refusal.errors.get("quantity", [])) if typed else ""
    units = int(whole) if (whole := _whole(typed)) else None
    expected: Decimal | None = None
    if units:
        with suppress(TooDear):
            expected = price_of_pieces(product.rate, units)
    return Quote(
        units=units,
        expected=expected,
        ceiling=None,
        rate=product.rate,
        currency=product.provider.currency,
        funds=funds_of(product.provider),
        is_later=False,
        is_package=False,
        lines=None,
        fault=fault,
        is_priced_each=True,
    )
