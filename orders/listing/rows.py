"""Orders as rows of a list.

Fifty rows of a dozen cells took the template engine longer than all else of the page, so a row is
written here, in one piece. Whatever a person or a provider wrote goes through ``escape``; the
formatters of `panelhub.ui.formatting` give markup that is safe already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from orders.aftercare.eligibility import REFILLABLE
from orders.aftercare.refill_windows import days_left
from orders.aftercare.slow_orders import describe_slow
from orders.listing.queries import NEWEST, OLDEST, mark_of
from orders.statuses import LIVE, OPEN
from panelhub.redaction import hide_amounts
from panelhub.ui.columns import Column, Table
from panelhub.ui.formatting import badge, format_count, format_money, format_progress, format_when
from providers.permissions import Seen

ROOM: Final = 100
"""Letters of a name, a link or a provider's words in one row, of which there are fifty on a page."""

_BY_AGE: Final[dict[str, Any]] = {"ascending": OLDEST.slug, "descending": NEWEST.slug, "falls_first": True}
TABLE: Final = Table(
    "orders",
    "orders:list",
    (
        Column("id", lazy("Order"), **_BY_AGE, can_hide=False),
        Column("fluid", lazy("Service and link"), can_hide=False),
        Column("client", lazy("Client"), is_extra=True),
        Column("from", lazy("Provider"), "provider", "-provider"),
        Column("state", lazy("Status"), "status", "-status", can_hide=False),
        Column("quantity", lazy("Quantity"), is_number=True, is_extra=True),
        Column("moved", lazy("Progress")),
        Column("charge", lazy("Charge"), is_number=True, is_cost=True),
        Column("ordered", lazy("Ordered"), **_BY_AGE, is_number=True),
    ),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What the rows of one page have in common.

    ``changed`` rows replace those that stand on the page already, and light up once.
    """

    providers: Mapping[int, Seen]
    now: datetime
    sees_cost: bool
    may_choose: bool
    hidden: frozenset[str] = TABLE.hidden("")
    changed: bool = False


def draw_rows(found: Iterable[Mapping[str, Any]], look: Look) -> SafeString:
    """Return the rows for ``found`` (the columns of `orders.listing.queries.COLUMNS`)."""
    words = _Words()
    return SafeString("".join(_draw(values, look, words) for values in found))


class _Words:
    """What every row says again, in the language of the page."""

    def __init__(self) -> None:
        self.pattern = reverse("orders:detail", args=[0])
        no_service = escape(_("unknown service"))
        self.no_service = f'<span class="mute">{no_service}</span>'
        self.choose = escape(_("Select order"))


def _draw(values: Mapping[str, Any], look: Look, words: _Words) -> str:
    pk, status, hidden = values["pk"], values["status"], look.hidden
    shown = badge(status)
    provider = look.providers.get(values["provider_id"])
    name = escape(provider.name) if provider else ""
    said = words_of(status, values)
    beside = brief(said if look.sees_cost else hide_amounts(said)) or describe_wait(values, look.now)
    their_id, link = escape(values["external_id"] or ""), brief(values["link"])
    live = f' data-live="{pk}:{mark_of(values)}"' if status in LIVE else ""
    swap = ' data-changed hx-swap-oob="true"' if look.changed else ""
    return (
        f'<tr id="order-{pk}" data-row{live}{swap}>'
        + (
            f'<td class="choose"><label><input type="checkbox" name="ids" value="{pk}" data-select form="bulk" '
            f'aria-label="{words.choose} #{pk}"></label></td>'
            if look.may_choose
            else ""
        )
        + f'<td class="narrow id"><a href="{words.pattern.replace("/0/", f"/{pk}/")}" data-open class="key">#{pk}</a>'
        + (f'<span class="second mono" title="{name}">{their_id}</span>' if their_id else "")
        + f'</td><td class="fluid"><span class="clip">{_service(values, words)}</span>'
        f'<span class="second clip" title="{link}">{link}</span></td>'
        + ("" if "client" in hidden else f'<td class="narrow client">{escape(values["client_label"])}</td>')
        + ("" if "from" in hidden else _from(values, name))
        + f'<td class="state">{shown.html}'
        + (f'<span class="second clip words-beside" dir="auto" title="{beside}">{beside}</span>' if beside else "")
        + "</td>"
        + ("" if "quantity" in hidden else f'<td class="num quantity">{format_count(values["quantity"])}</td>')
        + ("" if "moved" in hidden else f'<td class="moved">{_progress(values, shown.tone)}</td>')
        + (
            f'<td class="num charge">{format_money(*charge_of(values))}</td>'
            if look.sees_cost and "charge" not in hidden
            else ""
        )
        + (
            ""
            if "ordered" in hidden
            else f'<td class="num soft ordered">{format_when(values["created_at"], look.now).html}</td>'
        )
        + "</tr>\n"
    )


def _from(values: Mapping[str, Any], name: str) -> str:
    person = escape(values["created_by__username"] or "")
    return f'<td class="narrow from" title="{name}">{name}<span class="second">{person}</span></td>'


def brief(text: str) -> str:
    """As much of a text as a row has room for, escaped. The page of the order has all of it."""
    return escape(text if len(text) <= ROOM else f"{text[:ROOM]}…")


def _service(values: Mapping[str, Any], words: _Words) -> str:
    name = values["service__name"]
    if not name:
        return words.no_service
    their_id = escape(values["service__external_id"])
    return f'<span class="mute">{their_id}</span> <bdi>{brief(name)}</bdi>'


def charge_of(values: Mapping[str, Any]) -> tuple[Any, str]:
    """Return what the provider charged, or what it is expected to while it has not said."""
    charge = values["charge"] if values["charge"] is not None else values["expected_charge"]
    return charge, values["currency"]


HELD_FOR: Final[Mapping[str, Any]] = {
    "second_person": lazy("needs a second person"),
    "price_jump": lazy("price jumped"),
    "late_answer": lazy("late reply"),
    "restore": lazy("restored from a backup"),
}


def words_of(status: str, values: Mapping[str, Any]) -> str:
    """Return the note next to the state of a row: why it is held, else what :func:`words_beside` finds."""
    if status == "held":
        return str(HELD_FOR.get(values["held_for"], "")) or values["error"]
    return words_beside(status, values["provider_status"], values["error"])


def describe_wait(values: Mapping[str, Any], now: datetime) -> str:
    """Return why an open order counts as slow, or how long the refill of a completed one lasts; "" otherwise."""
    if values["status"] not in OPEN or values.get("slow__since") is None:
        return describe_refill_left(values, now)
    usual, placed = values["slow__usual_seconds"], values["placed_at"] or values["created_at"]
    return describe_slow(now - (placed if usual is not None else values["moved_at"] or placed), usual)


def describe_refill_left(values: Mapping[str, Any], now: datetime) -> str:
    """Return how long the refill of a completed order still lasts; "" where none does, or its length isn't known."""
    if values["status"] not in REFILLABLE or values.get("refill_window__counted_from") is None:
        return ""
    ends_at = values["refill_window__ends_at"]
    if ends_at is None:
        return _("Lifetime refill")
    days = days_left(ends_at, now)
    return ngettext("Refill: %(n)s day left", "Refill: %(n)s days left", days) % {"n": days} if days else ""


def words_beside(status: str, provider_status: str, error: str) -> str:
    """Return the provider's own word where it says more than the state does, else what went wrong."""
    plain = provider_status.strip().casefold().replace(" ", "_").replace("cancelled", "canceled")
    if provider_status and plain != status:
        return provider_status
    return error


def _progress(values: Mapping[str, Any], tone: str) -> SafeString | str:
    total = values["billed_quantity"] or values["quantity"]
    bar = format_progress(total=total, remains=values["remains"], tone=tone, start_count=values["start_count"])
    return bar.html if bar else (format_count(total) if total else "")
