"""Tags for what appears once on a page; lists prepare their values in Python (`panelhub.ui.formatting`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from panelhub.navigation import Link, grouped
from panelhub.ui import charts, formatting, icons

register = template.Library()


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Return an icon of the sprite: ``{% icon "clock" %}``, ``{% icon "clock" "small" %}``."""
    return icons.icon(name, classes)


@register.inclusion_tag("components/handbook.html")
def handbook(page: str, section: str = "") -> dict[str, str]:
    """Return a link to a page of the handbook, or to a section: ``{% handbook "settling" "the-ways-out" %}``."""
    address = reverse("handbook_page", args=[page])
    return {"url": f"{address}#{section}" if section else address}


@register.simple_tag
def kept(name: str) -> SafeString:
    """Return a part that looks the same on every page of a language: ``{% kept "components/dialogs.html" %}``."""
    if settings.DEBUG:
        return render_to_string(name)
    return _kept(name, get_language() or "", settings.ROOT_URLCONF)


@register.simple_tag(takes_context=True)
def side(context: Context) -> SafeString:
    """Return the side of the page; it is the same for all who may open the same pages and for whom as much waits."""
    links = tuple(context.get("navigation") or ())
    header = context.get("header")
    waiting = tuple(_waiting(header, link) for link in links)
    may_order = context["perms"]["orders"]["add_order"] if "perms" in context else False
    has_sandbox = bool(context.get("sandbox_origin"))
    nav = context.get("nav") or ""
    return _side(links, waiting, nav, may_order, has_sandbox, get_language() or "", settings.ROOT_URLCONF)


@lru_cache(maxsize=64)
def _kept(name: str, _language: str, _urlconf: str) -> SafeString:
    return render_to_string(name)


@lru_cache(maxsize=512)
def _side(links: tuple[Link, ...], waiting: tuple[str, ...], nav: str, *conditions: Any) -> SafeString:
    may_order, has_sandbox, *_language_and_urlconf = conditions
    side = render_to_string(
        "components/side.html",
        {"groups": grouped(links, waiting), "nav": nav, "may_order": may_order, "has_sandbox": has_sandbox},
    )
    # Indents of a template are no part of fifty pages.
    return SafeString(re.sub(r"\n\s+", "\n", side))


def _waiting(header: Any, link: Link) -> str:
    """Return how much waits behind a link, as the header of the page has it; "" for nothing."""
    if not link.count or not getattr(header, link.count, 0):
        return ""
    return str(getattr(header, f"{link.count}_text"))


@register.simple_tag
def badge(status: str, size: str = "") -> SafeString:
    """Return the badge of a status: ``{% badge order.status %}``, ``{% badge order.status "large" %}``."""
    return formatting.badge(str(status), large=size == "large").html


@register.simple_tag
def sparkline(values: Sequence[float | int | Decimal], label: str) -> SafeString:
    """Return a small line drawn from ``values``: ``{% sparkline figures "Orders in 30 days" %}``."""
    return charts.sparkline(values, label=label)


@register.simple_tag
def bars(points: Sequence[tuple[str, float | int | Decimal]], label: str) -> SafeString:
    """Return a bar for each pair of word and value, with a table for who cannot see it."""
    return charts.bars([charts.Bar(word, value) for word, value in points], label=label)


@register.filter
def money(amount: Decimal | None, currency: str = "") -> SafeString:
    """Return an amount with its currency: ``{{ provider.balance|money:provider.currency }}``."""
    return formatting.format_money(amount, currency)


@register.filter
def when(at: datetime | None) -> SafeString:
    """Return how long ago, with the exact time on hover: ``{{ provider.balance_at|when }}``."""
    return formatting.format_when(at, timezone.now()).html


@register.filter
def count(value: int | None) -> str:
    """Return a number with its thousands parted: ``{{ total|count }}``."""
    return formatting.format_count(value)


@register.filter
def tone_of(level: str) -> str:
    """Return the tone of a message's level: ``{{ message.level_tag|tone_of }}``."""
    return {"success": "good", "warning": "warn", "error": "bad"}.get(level, "info")


@register.filter
def icon_of(level: Any) -> SafeString:
    """Return the icon of a message's level."""
    names = {"success": "check-circle", "warning": "exclamation-triangle", "error": "exclamation-circle"}
    return icons.icon(names.get(str(level), "information-circle"))
