"""Services as rows of the catalogue; each is written in one piece, as `orders.rows` writes orders, and why."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from providers.catalogue_page import ServiceRow


def draw_rows(rows: Iterable[ServiceRow], *, sees_cost: bool, may_order: bool) -> SafeString:
    """The rows; with ``may_order`` each that is open has its button."""
    words = {
        "sandbox": f'<span class="second"><span class="tag sandbox">{escape(_("Sandbox"))}</span></span>',
        "order": escape(_("Order")),
        "create": reverse("orders:create"),
    }
    return SafeString("".join(_draw(row, words, sees_cost=sees_cost, may_order=may_order) for row in rows))


def _draw(row: ServiceRow, words: dict[str, str], *, sees_cost: bool, may_order: bool) -> str:
    closed = escape(row.closed)
    beside = "".join(f" · {escape(text)}" for text in (row.platform, row.category) if text)
    tags = (
        (f'<span class="tag info">{escape(row.type)}</span>' if row.type else "")
        + "".join(f'<span class="tag">{escape(flag)}</span>' for flag in row.flags)
        + (f'<span class="tag bad">{closed}</span>' if closed else "")
    )
    button = f'<a class="button small" href="{words["create"]}?service={row.pk}">{words["order"]}</a>'
    return (
        f'<tr id="service-{row.pk}" data-row{" class=off" if closed else ""}>'
        f'<td class="fluid"><a class="name" href="{row.url}" data-open>{escape(row.name)}</a>'
        f'<span class="second clip"><span class="mono">{escape(row.external_id)}</span>{beside}</span></td>'
        f'<td class="narrow from">{escape(row.provider)}{words["sandbox"] if row.is_sandbox else ""}</td>'
        f'<td class="terms"><span class="tags">{tags}</span>'
        + (f'<span class="second">{escape(row.average_time)}</span>' if row.average_time else "")
        + f'</td><td class="num soft limits">{row.limits}</td>'
        + (f'<td class="num rate">{row.rate}</td>' if sees_cost else "")
        + f'<td class="end">{button if may_order and not closed else ""}</td></tr>\n'
    )
