"""Product orders as rows of their list, each written in one piece, for the reason given in `orders.listing.rows`."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders.listing.rows import Look, brief, charge_of, words_of
from orders.statuses import LIVE
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import badge, format_count, format_money, format_progress, format_when
from panelhub.ui.pagination import Sort, number

PAGE_SIZE: Final = 50
NEWEST: Final = Sort("newest", "", ("id",), (number,), descending=True)
COLUMNS: Final = (
    "pk", "status", "provider_status", "provider_id", "external_id", "quantity", "remains", "charge",
    "expected_charge", "currency", "error", "created_at", "product__external_id", "product__name",
    "created_by__username", "client_label", "goods_count", "held_for",
)  # fmt: skip
_MAY_CHANGE: Final = ("status", "provider_status", "remains", "charge", "external_id", "error", "goods_count")


def mark_of(row: Mapping[str, Any]) -> str:
    """Return a short mark of all that a row of the list shows and that may change."""
    return f"{zlib.crc32(repr([row[name] for name in _MAY_CHANGE]).encode()):x}"


def draw_rows(found: Iterable[Mapping[str, Any]], look: Look) -> SafeString:
    """Return the rows for ``found`` (the columns of ``COLUMNS``)."""
    pattern = reverse("orders:product_detail", args=[0])
    return SafeString("".join(_draw(values, look, pattern) for values in found))


def _draw(values: Mapping[str, Any], look: Look, pattern: str) -> str:
    pk, status = values["pk"], values["status"]
    shown = badge(status)
    provider = look.providers.get(values["provider_id"])
    said = words_of(status, values)
    beside = brief(said if look.sees_cost else hide_amounts(said))
    second = [text for text in (values["client_label"], values["created_by__username"]) if text]
    live = f' data-live="{pk}:{mark_of(values)}"' if status in LIVE else ""
    swap = ' data-changed hx-swap-oob="true"' if look.changed else ""
    name = escape(provider.name) if provider else ""
    bar = format_progress(total=values["quantity"], remains=values["remains"], tone=shown.tone)
    quantity = format_count(values["quantity"])
    cells = [
        f'<td class="narrow id"><a href="{pattern.replace("/0/", f"/{pk}/")}" data-open class="key">#{pk}</a>'
        f'<span class="second mono">{escape(values["external_id"] or "")}</span></td>',
        f'<td class="fluid"><span class="clip">{_product(values)}</span>'
        f'<span class="second clip" dir="auto">{brief(" · ".join(second))}</span></td>',
        f'<td class="narrow from">{name}</td>',
        f'<td class="state">{shown.html}'
        f'<span class="second clip words-beside" dir="auto" title="{beside}">{beside}</span></td>',
        f'<td class="moved">{bar.html if bar else quantity}{_goods(values["goods_count"])}</td>',
        f'<td class="num charge">{format_money(*charge_of(values))}</td>' if look.sees_cost else "",
        f'<td class="num soft ordered">{format_when(values["created_at"], look.now).html}</td>',
    ]
    return f'<tr id="product-order-{pk}" data-row{live}{swap}>{"".join(cells)}</tr>\n'


def _product(values: Mapping[str, Any]) -> str:
    if not values["product__name"]:
        unknown = escape(_("unknown product"))
        return f'<span class="mute">{unknown}</span>'
    their_id, name = escape(values["product__external_id"]), brief(values["product__name"])
    return f'<span class="mute">{their_id}</span> <bdi>{name}</bdi>'


def _goods(count: int) -> str:
    words = escape(_("%(count)s delivered") % {"count": format_count(count)})
    return f'<span class="second">{words}</span>' if count else ""
