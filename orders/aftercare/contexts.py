"""What the page of an order shows of its refill: how long it lasts, and the rule that requests it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.aftercare.eligibility import REFILLABLE
from orders.aftercare.forms import RefillCareForm
from orders.aftercare.refill_windows import days_left

if TYPE_CHECKING:
    from orders.models import Order, RefillWindow


@dataclass(frozen=True, slots=True)
class Care:
    """The window in words, the rule, and the form that sets both; ``tone`` colours a window that ends."""

    window: RefillWindow | None
    text: str
    tone: str
    until: str
    is_open: bool
    rule: str
    next: str
    form: RefillCareForm


def care_of(order: Order, *, now: datetime | None = None) -> Care | None:
    """Return what is shown of the refill of an order (its window loaded); ``None`` where there is nothing to say."""
    now = now or timezone.now()
    window: RefillWindow | None = getattr(order, "refill_window", None)
    if window is None and order.status not in REFILLABLE:
        return None
    text, tone, until = _describe(window, now)
    initial = {"every_days": window.every_days if window else None, "days": window.days if window else None}
    rule = next_text = ""
    if window is not None and window.every_days is not None:
        rule = ngettext("Every %(n)s day", "Every %(n)s days", window.every_days) % {"n": window.every_days}
        if window.rule_by is not None:
            rule = _("%(rule)s as %(person)s") % {"rule": rule, "person": window.rule_by.get_username()}
        if window.request_at is not None:
            next_text = date_format(timezone.localtime(window.request_at), "j M, H:i")
    initial["lifetime"] = window is not None and window.is_lifetime
    is_open = window is not None and window.is_open(now) and order.status in REFILLABLE
    return Care(window, text, tone, until, is_open, rule, next_text, RefillCareForm(initial=initial))


def _describe(window: RefillWindow | None, now: datetime) -> tuple[str, str, str]:
    if window is None:
        return _("No length is known for this service."), "neutral", ""
    if window.is_lifetime:
        return _("Lifetime refill"), "good", ""
    if window.ends_at is None:
        days = window.days or 0
        text = ngettext("%(n)s day from completion", "%(n)s days from completion", days) % {"n": days}
        return text, "neutral", ""
    until = date_format(timezone.localtime(window.ends_at), "j M Y, H:i")
    left = days_left(window.ends_at, now)
    if not left:
        return _("Ended"), "neutral", until
    return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}, "warn" if left <= 7 else "good", until
