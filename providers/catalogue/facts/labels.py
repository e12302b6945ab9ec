"""What was read of a service, in words: for rows, for its page, for the form that corrects it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from panelhub.ui.formatting import format_count
from providers.models import Service
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES, OTHER
from providers.models.service_names.countries import NAMES
from providers.models.service_names.limits import NON_DROP
from providers.models.service_names.refill import LIFETIME


def describe_refill(days: int | None) -> str:
    """Return a refill term in words; "" when none is known."""
    if days is None:
        return ""
    if days == 0:
        return _("No refill")
    if days >= LIFETIME:
        return _("Lifetime refill")
    return ngettext("%(days)s-day refill", "%(days)s-day refill", days) % {"days": days}


def describe_speed(speed: int | None) -> str:
    """Return a speed in words; "" when none is known."""
    return _("%(count)s per day") % {"count": format_count(speed)} if speed else ""


def describe_start(minutes: int | None) -> str:
    """Return when delivery starts, in words; "" when it is not known."""
    if minutes is None:
        return ""
    if minutes == 0:
        return _("instant start")
    if minutes % 60:
        return _("starts within %(minutes)s min") % {"minutes": minutes}
    hours = minutes // 60
    return ngettext("starts within %(hours)s hour", "starts within %(hours)s hours", hours) % {"hours": hours}


def describe_drop(percent: int | None) -> str:
    """Return what is lost, in words; "" when it is not known."""
    if percent is None:
        return ""
    return _("Non-drop") if percent == NON_DROP else _("drops up to %(percent)s%%") % {"percent": percent}


def _quality(value: str) -> str:
    return str(Service.Quality(value).label) if value in Service.Quality.values else ""


def _gender(value: str) -> str:
    return str(Service.Gender(value).label) if value in Service.Gender.values else ""


WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "platform": lambda value: TITLES.get(value, ""),
    "kind": lambda value: "" if value == OTHER else str(KIND_TITLES.get(value, "")),
    "country": lambda value: NAMES.get(value, value),
    "quality": _quality,
    "gender": _gender,
    "refill_days": describe_refill,
    "speed_per_day": describe_speed,
    "start_minutes": describe_start,
    "drop_percent": describe_drop,
}


def describe_facts(values: Mapping[str, Any]) -> list[str]:
    """Tags for a row: country, quality and refill term, speed and start."""
    fields = ("country", "quality", "refill_days", "speed_per_day", "start_minutes")
    return [text for field in fields if (text := WORDS[field](values[field]))]
