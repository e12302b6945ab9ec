"""Services as rows of the catalogue; each is written in one piece, as `orders.listing.rows` writes orders, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from panelhub.ui.formatting import format_money, format_number
from panelhub.ui.icons import icon
from providers.catalogue.changes import Mark
from providers.catalogue.choices import hub_price
from providers.catalogue.facts.labels import describe_facts
from providers.catalogue.filters import FLAGS, describe_range, why_closed
from providers.catalogue.quality_labels import describe
from providers.hooks import type_labels
from providers.hub_prices import HubPrices
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES
from providers.permissions import Seen

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """How rows are to look for one reader. ``group_url`` makes the address of one platform and kind alone."""

    providers: Mapping[int, Seen]
    prices: HubPrices
    sees_cost: bool
    may_order: bool
    marks: Mapping[int, Sequence[Mark]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    group_url: Callable[[str, str], str] | None = None

    @property
    def columns(self) -> int:
        """How many columns a row has."""
        shown = [part for part in ("terms", "limits", "measured") if part not in self.hidden]
        return 4 + len(shown) + int(self.sees_cost)


def name_group(platform: str, kind: str) -> str:
    """Return the name of a group of services of one kind."""
    title = str(KIND_TITLES.get(kind, kind))
    return f"{TITLES[platform]} · {title}" if platform in TITLES else title


def draw_rows(rows: Iterable[Values], look: Look) -> SafeString:
    """Return the bodies of the table: one, or with ``group_url`` one for each platform and kind."""
    row_of = _Row(look).draw
    # What came with an account that was added meanwhile is shown the next time.
    rows = (row for row in rows if row["provider_id"] in look.providers)
    if look.group_url is None:
        return SafeString(f"<tbody>{''.join(map(row_of, rows))}</tbody>")
    only = escape(_("only these"))
    parts = []
    for (platform, kind), found in groupby(rows, key=lambda row: (row["platform"], row["kind"])):
        parts.append(
            f'<tbody><tr class="group"><th scope="rowgroup" colspan="{look.columns}">'
            f"{escape(name_group(platform, kind))}"
            f'<a href="{escape(look.group_url(platform, kind))}">{only}</a></th></tr>'
            f"{''.join(map(row_of, found))}</tbody>"
        )
    return SafeString("".join(parts))


def draw_star(pk: int, external_id: str, *, is_favourite: bool) -> SafeString:
    """Return the button that marks a service, or takes the mark away; it says which of the two it would do."""
    url = reverse("providers:favourite", args=[pk])
    label = _("Favourite: %(id)s") % {"id": external_id}
    return SafeString(
        f'<button class="star" id="star-{pk}" form="stars" formaction="{url}" hx-post="{url}" name="on" '
        f'value="{"" if is_favourite else "1"}" aria-pressed="{"true" if is_favourite else "false"}" '
        f'aria-label="{escape(label)}">{icon("star")}</button>'
    )


class _Row:
    """Writes rows; what is the same in all of them is looked up once."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.create = reverse("orders:create")
        self.page = reverse("providers:service", args=[0])
        self.flags = [(name, escape(str(label))) for name, label in FLAGS]
        # gettext's own tool does not look into f-strings.
        unmeasured = escape(_("no data yet"))
        self.words = {
            "order": escape(_("Order")),
            "read": escape(_("From the service name or set by hand")),
            "unmeasured": f'<span class="mute">{unmeasured}</span>',
            "no_rate": escape(_("no rate for %(currency)s")),
            "few": _("few orders"),
            "expected": _("expect %(share)s"),
        }

    def draw(self, row: Values) -> str:
        look, hidden = self.look, self.look.hidden
        seen = look.providers[row["provider_id"]]
        closed = escape(why_closed(row, seen))
        pk = row["id"]
        button = f'<a class="button small" href="{self.create}?service={pk}">{self.words["order"]}</a>'
        return (
            f'<tr id="service-{pk}" data-row{" class=off" if closed else ""}>'
            f'<td class="starred">{draw_star(pk, row["external_id"], is_favourite=row["is_favourite"])}</td>'
            + self._name(row)
            + f'<td class="from" title="{escape(seen.name)}">{escape(seen.name)}</td>'
            + ("" if "terms" in hidden else self._terms(row, closed))
            + ("" if "limits" in hidden else f'<td class="num soft limits">{_limits(row)}</td>')
            + ("" if "measured" in hidden else self._measured(row))
            + (self._price(row, seen) if look.sees_cost else "")
            + f'<td class="end">{button if look.may_order and not closed else ""}</td></tr>\n'
        )

    def _name(self, row: Values) -> str:
        pk = row["id"]
        beside = [TITLES.get(row["platform"], "")] if self.look.group_url is None else []
        beside.append(row["category"])
        details = "".join(f" · <bdi>{escape(text)}</bdi>" for text in beside if text)
        marks = "".join(
            f'<span class="tag {mark.tone}">{escape(mark.word)}</span>' for mark in self.look.marks.get(pk, ())
        )
        return (
            f'<td class="fluid"><a class="name" dir="auto" href="{self.page.replace("/0/", f"/{pk}/")}" '
            f'title="{escape(row["name"])}" data-open>{escape(row["name"])}</a>'
            f'<span class="second clip"><span class="mono">{escape(row["external_id"])}</span>{details}</span>'
            + (f'<span class="tags">{marks}</span>' if marks else "")
            + "</td>"
        )

    def _terms(self, row: Values, closed: str) -> str:
        slug = row["type"]
        title = "" if slug == "default" else str(type_labels().get(slug) or row["type_label"] or slug)
        tags = (
            (f'<span class="tag info">{escape(title)}</span>' if title else "")
            + "".join(f'<span class="tag">{label}</span>' for name, label in self.flags if row[name])
            + (f'<span class="tag bad">{closed}</span>' if closed else "")
        )
        facts = describe_facts(row)
        read = f'<span class="second" title="{self.words["read"]}">{escape(" · ".join(facts))}</span>' if facts else ""
        stated = f'<span class="second">{escape(row["average_time"])}</span>' if row["average_time"] else ""
        details = f'<span class="tags">{tags}</span>' if tags else ""
        return f'<td class="terms">{details}{read}{stated}</td>'

    def _measured(self, row: Values) -> str:
        measured = describe(row)
        if not measured.is_known:
            return f'<td class="measured s">{self.words["unmeasured"]}</td>'
        lines = [measured.times]
        if measured.counts:
            # A share of few orders, or of all of them, promises more than it can.
            beside = [self.words["few"]] if measured.is_few else []
            lines.insert(0, " · ".join([*beside, self.words["expected"] % {"share": measured.expected}]))
        seconds = "".join(f'<span class="second">{escape(line)}</span>' for line in lines if line)
        return f'<td class="measured s">{escape(measured.summary)}{seconds}</td>'

    def _price(self, row: Values, seen: Seen) -> str:
        look, rate = self.look, row["rate"]
        own = format_money(rate, seen.currency)
        if seen.currency in ("", look.prices.currency):
            return f'<td class="num rate">{own}</td>'
        price = hub_price(row["hub_rate"], seen, look.prices)
        if price is None:
            missing = self.words["no_rate"] % {"currency": escape(seen.currency)}
            return f'<td class="num rate">{own}<span class="second">{missing}</span></td>'
        return f'<td class="num rate">{format_money(price, look.prices.currency)}<span class="second">{own}</span></td>'


def describe_rates(providers: Iterable[Seen], prices: HubPrices) -> list[str]:
    """Return a sentence for each currency that is not the hub's: its rate with its day and source, or that there is
    none.
    """
    sentences = []
    for currency in sorted({seen.currency for seen in providers} - {"", prices.currency}):
        worth = prices.worth_of(currency)
        if worth is None:
            sentences.append(
                _("No exchange rate for %(currency)s. Its prices are listed last.") % {"currency": currency}
            )
            continue
        places = min(10, max(2, 4 - worth.rate.adjusted()))
        rate = format_number(worth.rate.quantize(Decimal(1).scaleb(-places)).normalize() + 0)
        sentences.append(
            _("1 %(currency)s = %(rate)s %(hub)s on %(day)s%(source)s.")
            % {
                "currency": currency,
                "rate": rate,
                "hub": prices.currency,
                "day": worth.day,
                "source": f" ({worth.source})" if worth.source else "",
            }
        )
    return sentences


def _limits(row: Mapping[str, Any]) -> str:
    unread = (row["min_unread"], row["max_unread"])
    shown = describe_range(row["min_quantity"], row["max_quantity"], *unread)
    # What cannot be read is the provider's own text.
    return escape(shown) if any(unread) else shown
