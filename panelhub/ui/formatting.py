"""How values look on a page: words, tones and markup made in Python.

A list of fifty rows spends most of its time in template filters; views prepare values with
these functions instead, and templates only put them in their places. All of it follows the
active language, and none of it touches the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from panelhub.ui.icons import icon

# What is not known is a dash, never a guess or a zero.
UNKNOWN: Final = SafeString('<span class="mute">–</span>')

# What each state of an order, a refill, a cancellation or a product order looks like: word, tone, icon.
STATES: Final[dict[str, tuple[Any, str, str]]] = {
    "held": (lazy("Held"), "warn", "hand-raised"),
    "queued": (lazy("Queued"), "neutral", "clock"),
    "sending": (lazy("Sending"), "info", "paper-airplane"),
    "unconfirmed": (lazy("Unconfirmed"), "alert", "question-mark-circle"),
    "rejected": (lazy("Rejected"), "bad", "no-symbol"),
    "withdrawn": (lazy("Withdrawn"), "neutral", "arrow-uturn-left"),
    "given_up": (lazy("Closed as unknown"), "neutral", "archive-box"),
    "pending": (lazy("Pending"), "info", "ellipsis-horizontal-circle"),
    "processing": (lazy("Processing"), "info", "cog-6-tooth"),
    "in_progress": (lazy("In progress"), "active", "play-circle"),
    "completed": (lazy("Completed"), "good", "check-circle"),
    "partial": (lazy("Partial"), "warn", "chart-pie"),
    "canceled": (lazy("Canceled"), "neutral", "x-circle"),
    "refunded": (lazy("Refunded"), "back", "receipt-refund"),
    "failed": (lazy("Failed"), "bad", "exclamation-circle"),
    "refused": (lazy("Rejected"), "bad", "no-symbol"),
    "error": (lazy("Failed"), "bad", "exclamation-circle"),
    "accepted": (lazy("Accepted"), "good", "check-circle"),
}


def tag_badge(*, tone: str, icon_name: str, label: str) -> SafeString:
    """Return a badge for what is no state of an order: a colour, a word and an icon like those."""
    return format_html('<span class="badge {}">{}{}</span>', tone, icon(icon_name), label)


@dataclass(frozen=True, slots=True)
class Badge:
    """A state as it is shown: a word, a tone of the palette and an icon, with the markup of all three."""

    label: str
    tone: str
    icon: str
    html: SafeString


def badge(status: str, *, large: bool = False) -> Badge:
    """Return the badge of a status; a status no one knows is shown as it is, without a colour that would judge it."""
    return _badge(status, "large" if large else "", get_language() or "")


@lru_cache(maxsize=512)
def _badge(status: str, size: str, language: str) -> Badge:
    word, tone, picture = STATES.get(status, (status.replace("_", " "), "neutral", "minus-circle"))
    label = str(word)
    html = format_html('<span class="badge {} {}">{}{}</span>', tone, size, icon(picture), label)
    return Badge(label=label, tone=tone, icon=picture, html=html)


@dataclass(frozen=True, slots=True)
class _Words:
    """What a language says again and again on a page: looked up once, not once a row."""

    point: str
    thousands: str
    now: str
    ago: str
    ahead: str
    seconds: str
    minutes: str
    hours: str
    days: str
    delivered: str
    started: str


@lru_cache(maxsize=32)
def _words_of(language: str) -> _Words:
    point = str(get_format("DECIMAL_SEPARATOR", language))
    return _Words(
        point=point,
        # A thin space parts thousands where the comma is a decimal one: a point would be taken for another.
        thousands="\N{NARROW NO-BREAK SPACE}" if point == "," else ",",
        now=_("just now"),
        ago=_("%(time)s ago"),
        ahead=_("in %(time)s"),
        seconds=_("%(n)d s"),
        minutes=_("%(n)d min"),
        hours=_("%(n)d h"),
        days=_("%(n)d d"),
        delivered=_("%(done)s of %(total)s delivered"),
        started=_("from %(start)s"),
    )


def _words() -> _Words:
    return _words_of(get_language() or "en")


def format_number(value: int | Decimal, *, places: int | None = None) -> str:
    """Return a number with its thousands parted; ``places`` decimals when given."""
    return _parted(f"{value:,}" if places is None else f"{value:,.{places}f}", _words())


def _parted(text: str, words: _Words) -> str:
    """Return a number as Python parts it, in the marks of a language."""
    if words.point == ".":
        return text
    return text.replace(",", "\0").replace(".", words.point).replace("\0", words.thousands)


def format_count(value: int | None) -> str:
    """Return a count, or a dash when no one stated one."""
    return "–" if value is None else format_number(value)


def format_capped(value: int, cap: int) -> str:
    """Return a count that was only counted up to ``cap``: "1,000+" when there are more."""
    return f"{format_number(cap)}+" if value > cap else format_number(value)


def plain_money(amount: Decimal | None) -> str:
    """Return an amount with at least two decimals and never a rounded one: 0.9 is "0.90", 0.00012 stays."""
    if amount is None:
        return "–"
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return format_number(amount, places=places)


def format_money(amount: Decimal | None, currency: str = "") -> SafeString:
    """Return an amount with its currency's code set small beside it, or a dash when it is not known."""
    if amount is None:
        return UNKNOWN
    # A true minus is as wide as a digit: columns of amounts stand alike.
    return SafeString(plain_money(amount).replace("-", "\N{MINUS SIGN}") + (_unit(currency) if currency else ""))


@lru_cache(maxsize=256)
def _unit(text: str) -> str:
    return f'<span class="unit">{escape(text)}</span>'


def money_text(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount and its currency as plain text, for sentences."""
    return f"{plain_money(amount)} {currency}".strip() if amount is not None else "–"


@dataclass(frozen=True, slots=True)
class When:
    """A moment, short and exact, with the markup that shows the one, and the other on hover."""

    text: str
    exact: str
    iso: str
    html: SafeString


def format_when(at: datetime | None, now: datetime) -> When:
    """Return how long ago ``at`` was, seen from ``now``; the exact local time is its title."""
    if at is None:
        return When("–", "", "", UNKNOWN)
    text, exact = describe_age(at, now), describe_moment(at)
    iso = at.isoformat("T", "seconds")
    # All three are made of figures and of our own words.
    return When(text, exact, iso, SafeString(f'<time datetime="{iso}" title="{exact}">{escape(text)}</time>'))


def describe_moment(at: datetime) -> str:
    """Return the exact local time, to the second, with its zone."""
    local = at.astimezone(timezone.get_current_timezone())
    return f"{local.isoformat(' ', 'seconds')[:19]} {local.tzname()}"


def describe_age(at: datetime, now: datetime) -> str:
    """Return a short word for the distance between two moments; a date when it is longer than two weeks."""
    seconds = int((now - at).total_seconds())
    words = _words()
    if -5 < seconds < 5:
        return words.now
    amount, pattern = _split_age(abs(seconds), words)
    if not pattern:
        day = at.astimezone(timezone.get_current_timezone()).date()
        return _day(day, "j M" if day.year == now.year else "j M Y", get_language() or "")
    distance = pattern % {"n": amount}
    return (words.ahead if seconds < 0 else words.ago) % {"time": distance}


@lru_cache(maxsize=2048)
def _day(day: date, pattern: str, _language: str) -> str:
    return date_format(day, pattern)


def describe_span(seconds: float) -> str:
    """Return a short word for a length of time."""
    words = _words()
    amount, pattern = _split_age(int(seconds), words)
    return (pattern or words.days) % {"n": amount}


def _split_age(seconds: int, words: _Words) -> tuple[int, str]:
    if seconds < 60:
        return seconds, words.seconds
    if seconds < 3600:
        return seconds // 60, words.minutes
    if seconds < 48 * 3600:
        return seconds // 3600, words.hours
    days = seconds // 86400
    return days, words.days if days <= 14 else ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a delivery is: ``done`` of ``total``; ``html`` holds a bar and both figures."""

    done: int
    total: int
    percent: int
    html: SafeString


def format_progress(
    *, total: int | None, remains: int | None, tone: str = "active", start_count: int | None = None, large: bool = False
) -> Progress | None:
    """Return the bar of a delivery, or ``None`` when there is nothing to measure it by.

    ``remains`` may be negative where a provider delivered more than was ordered; it is shown so.
    """
    if not total or total < 1 or remains is None:
        return None
    done = total - remains
    percent = max(0, min(100, done * 100 // total))
    words = _words()
    done_text, total_text = _parted(f"{done:,}", words), _parted(f"{total:,}", words)
    label = words.delivered % {"done": done_text, "total": total_text}
    note = words.started % {"start": _parted(f"{start_count:,}", words)} if start_count is not None else ""
    # Figures, our own words and a tone of the palette: nothing here comes from outside.
    html = SafeString(
        f'<span class="progress {tone}{" large" if large else ""}">'
        f'<progress max="100" value="{percent}" aria-label="{escape(label)}">{percent}%</progress>'
        f'<span class="of"><span>{done_text}<span class="unit">/ {total_text}</span></span>'
        f"<span>{escape(note)}</span></span></span>"
    )
    return Progress(done=done, total=total, percent=percent, html=html)
