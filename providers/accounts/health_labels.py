"""How an account is doing, in a word with a tone and a sentence that says more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import describe_age, tag_badge
from providers.models import Provider


@dataclass(frozen=True, slots=True)
class Health:
    """``badge`` is the word with its colour and icon, ``sentence`` what it means, ``words`` what the provider said."""

    badge: SafeString
    sentence: str
    words: str
    tone: str


def health_of(provider: Provider, now: datetime, *, sees_cost: bool = True) -> Health:
    """Return the health of ``provider`` at ``now``: the worst of what is known."""
    found = _find_health(provider, now)
    return found if sees_cost else replace(found, words=hide_amounts(found.words))


def _find_health(provider: Provider, now: datetime) -> Health:
    if not provider.is_active:
        return _health("neutral", "power", _("Disabled"), _("An administrator disabled this account."))
    if provider.pause_kind:
        sentence = _("No orders are sent: %(reason)s.") % {"reason": provider.get_pause_kind_display()}
        return _health("warn", "pause-circle", _("Paused"), sentence, provider.pause_text)
    if provider.breaker_until is not None:
        sentence = _("It keeps failing. No orders are sent until it responds.")
        if provider.breaker_until > now:
            again = describe_age(provider.breaker_until, now)
            sentence = _("It keeps failing. Next check %(when)s.") % {"when": again}
        return _health("bad", "signal-slash", _("Not answering"), sentence, provider.last_failure)
    if provider.failures_in_a_row:
        return _health("warn", "exclamation-triangle", _("Unstable"), _("The last call failed."), provider.last_failure)
    if provider.last_success_at is None:
        return _health("neutral", "clock", _("Not checked yet"), _("This account hasn’t been checked yet."))
    return _health("good", "check-circle", _("Working"), "")


def _health(tone: str, icon: str, label: str, sentence: str, words: str = "") -> Health:
    return Health(tag_badge(tone=tone, icon_name=icon, label=label), sentence, words, tone)
