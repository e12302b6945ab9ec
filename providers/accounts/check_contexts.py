"""Describe what is known of an account: its last check, what it can do and was seen to do, how long its money lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import format_count, format_when
from providers.calls.services import OK
from providers.dialects import capabilities
from providers.models import CallCount, Provider

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

YEAR: Final = 365


def describe_check(provider: Any, now: datetime, since: int | None, *, sees_cost: bool) -> dict[str, Any]:
    """Return the last check, and whether one that was requested is still running or has just failed."""
    newest = provider.check_id or 0
    lines = provider.check_lines if sees_cost else _without_amounts(provider.check_lines)
    is_new = since is not None and newest > since
    return {
        "is_checking": since is not None and newest <= since,
        "since_check": since,
        "check_lines": lines if newest else None,
        "check_at": format_when(provider.check_at, now).html,
        "check_failed": [line["text"] for line in lines or () if line.get("kind") == "bad"] if is_new else [],
        "check_passed": is_new and provider.check_ok,
    }


def describe_days_left(days: Decimal | None) -> str:
    """Return for how many days a balance lasts; "" when that is not known."""
    if days is None:
        return ""
    if days > YEAR:
        return _("more than a year")
    count = int(days)
    return ngettext("%(n)s day left", "%(n)s days left", count) % {"n": format_count(count)}


def describe_capabilities(provider: Provider, now: datetime) -> list[dict[str, Any]]:
    """Return each action as the document has it, with when a call of it was last seen to work; one statement."""
    worked = CallCount.objects.filter(provider=provider, outcome=OK).order_by().values_list("action")
    seen = dict(worked.annotate(Max("hour")))
    return [
        {
            "label": line.label,
            "can": line.can,
            "detail": line.detail,
            "seen": format_when(at, now).html if (at := seen.get(line.action)) else "",
        }
        for line in capabilities(provider.speaks)
    ]


def _without_amounts(lines: Any) -> list[dict[str, Any]]:
    """The lines of a check for people who see no costs."""
    return [{**line, "text": hide_amounts(str(line.get("text", "")))} for line in lines or ()]


def read_check(text: str) -> int | None:
    """Return the key of a check as an address carries it; ``None`` for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
