"""What is no link, in a sentence; and the two visible mends of one that is."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

MAX_LINK: Final = 2000

# What shows nothing by itself and comes along from chats, web pages and spreadsheets.
INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202c\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
# An override of the direction makes a link read differently from what it is, and comes along by no accident.
_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd\u202d\u202e]")
_NEVER: Final = re.compile(r'[<>"\\^`{}“”«»]')
# An apostrophe that an export put in front, so that a spreadsheet takes nothing for a formula.
_GUARD: Final = re.compile(r"'+(?=[@=+\-\w])")

_NOTHING: Final = frozenset({
    "nan", "none", "null", "nil", "undefined", "na", "n/a", "n.a.", "n.a", "nat", "tbd", "tba", "todo", "true", "false",
    "inf", "-inf", "infinity", "void", "(null)", "(none)", "(blank)", "(empty)", "<na>", "[object object]", "link",
    "url", "www", "http", "https", "link here", "links", "username", "empty", "blank", "no link",
    "nolink", "not found", "notfound", "missing",
})  # fmt: skip
_FILE_ENDINGS: Final = (
    ".txt", ".csv", ".tsv", ".xls", ".xlsx", ".doc", ".docx", ".pdf", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".zip",
    ".mp4", ".mov", ".json", ".html", ".htm",
)  # fmt: skip
# Endings by which a word with a dot is an address and no user name, though nothing else says so.
_ADDRESS_ENDINGS: Final = frozenset({"com", "net", "org", "info", "biz", "edu", "gov"})
_SCHEMES: Final = frozenset({"http", "https"})
_LABEL: Final = re.compile(r"(?!-)[\w\-]{1,63}(?<!-)", re.ASCII)
_TOP: Final = re.compile(r"(?:[a-z]{2,63}|xn--[a-z0-9\-]{1,59})", re.IGNORECASE)
_NAME: Final = re.compile(r"@?(?!\.)[\w.\-]{1,64}(?<![.])")
_PHONE: Final = re.compile(r"\+?\d{7,15}")
_SCHEME_WITHIN: Final = re.compile(r"https?:/", re.IGNORECASE)
_PLATFORM_WITHIN: Final = re.compile(
    r"(?<![/=.%])(?:www\.)?(?:instagram|tiktok|youtube|facebook|twitter|threads|linkedin|pinterest|reddit|spotify)\.com/"
    r"|(?<![/=.%])www\.[a-z0-9\-]+\.[a-z]{2,}",
    re.IGNORECASE,
)
_PARTED: Final = re.compile(
    r"[,;|](?:https?:|www\.|(?:instagram|tiktok|youtube|facebook|twitter|threads|linkedin|pinterest|reddit|spotify|vk|x|fb|t"
    r"|youtu|twitch|discord)\.(?:com|net|me|be|tv|gg)/)",
    re.IGNORECASE,
)
# Addresses of these sites may well have another address within their path.
_WRAPPERS: Final = ("web.archive.org", "archive.ph", "archive.today", "translate.goog")


class NoLink(ValueError):
    """A text that nothing can be ordered for; ``str()`` of it is a sentence for the person who typed it."""


def mend(typed: str) -> tuple[str, bool]:
    """``typed`` without invisible marks, outer blanks and a guarding apostrophe; whether marks were taken off."""
    bare = INVISIBLE.sub("", typed)
    text = bare.strip()
    if guard := _GUARD.match(text):
        text = text[guard.end() :]
    return text, bare != typed


def looks_like_address(text: str, *, known_hosts: re.Pattern[str]) -> bool:
    """Return whether a text without a scheme is an address all the same, and no user name."""
    host, slash, _path = text.partition("/")
    host = host.partition("?")[0].partition("#")[0]
    labels = host.split(".")
    if len(labels) < 2 or host.startswith("@") or not _TOP.fullmatch(_to_ascii(labels[-1]) or ""):
        return False
    if slash or "?" in text:
        return True
    return (
        labels[0].casefold() == "www"
        or labels[-1].casefold() in _ADDRESS_ENDINGS
        or bool(known_hosts.fullmatch(host.casefold()))
    )


def check_text(text: str) -> None:
    """Raise :class:`NoLink` for what is neither an address nor a name, whatever it begins with."""
    if len(text) > MAX_LINK:
        raise NoLink(_("This link is too long: at most %(count)s characters.") % {"count": MAX_LINK})
    if text.startswith("#") or text.casefold() in _NOTHING:
        raise NoLink(_("“%(text)s” isn’t a link. The cell is empty or has a spreadsheet error.") % {"text": text[:40]})
    if re.search(r"\s", text):
        raise NoLink(_("A link can’t contain spaces."))
    if _UNSENDABLE.search(text):
        raise NoLink(_("This contains characters that can’t be sent."))
    if found := _NEVER.search(text):
        raise NoLink(_("A link can’t contain the character %(mark)s.") % {"mark": found[0]})
    if text[-1] in ",;|":
        raise NoLink(_("This link ends with “%(mark)s”.") % {"mark": text[-1]})


def check_name(text: str) -> None:
    """Raise :class:`NoLink` unless ``text`` is a user name that some platform could have."""
    bare = text.removeprefix("@")
    if not text.startswith("@") and bare.casefold().endswith(_FILE_ENDINGS):
        raise NoLink(_("This is a file name, not a link."))
    if _PHONE.fullmatch(bare):
        return
    is_name = _NAME.fullmatch(text) and (text.startswith("@") or text.isascii())
    if not is_name or (not any(mark.isalpha() for mark in bare) and not (bare.isdigit() and len(bare) > 4)):
        raise NoLink(_("Enter a link (https://…) or a username."))


def split_address(text: str) -> SplitResult:
    """Return the parts of an address with a scheme; raises :class:`NoLink` unless its host is possible and it is
    one.
    """
    try:
        parts = urlsplit(text)
        host, user, _port = parts.hostname, parts.username, parts.port
    except ValueError:
        raise NoLink(_("This isn’t a link.")) from None
    if parts.scheme.lower() not in _SCHEMES:
        raise NoLink(_("Enter an http or https link, or a username."))
    if not host:
        raise NoLink(_("This link has no host."))
    if user is not None:
        raise NoLink(_("Links that contain a username or password can’t be sent."))
    _check_glue(text, host)
    _check_host(host)
    return parts


def _check_glue(text: str, host: str) -> None:
    """Two links in one cell: no one can deliver to that."""
    if host.endswith(_WRAPPERS):
        return
    rest = text[text.index("://") + 3 :]
    path, _mark, query = rest.partition("?")
    glued = _SCHEME_WITHIN.search(path) or _PLATFORM_WITHIN.search(path, len(host) if path.startswith(host) else 1)
    glued = glued or re.search(r"(?<![=/])https?://", query, re.IGNORECASE) or _PARTED.search(text)
    if glued:
        raise NoLink(_("These are two links. Put each on its own line."))


def _check_host(host: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if address.is_global:
            return
        raise NoLink(_("Providers can’t open %(host)s.") % {"host": host[:60]})
    plain = _to_ascii(host.removesuffix("."))
    labels = plain.split(".") if plain else []
    if len(labels) < 2:
        raise NoLink(_("“%(host)s” isn’t a valid host. A link looks like https://example.com/…") % {"host": host[:60]})
    is_possible = (
        len(plain or "") <= 253 and all(_LABEL.fullmatch(label) for label in labels) and _TOP.fullmatch(labels[-1])
    )
    if not is_possible or (labels[0] == "www" and len(labels) < 3):
        raise NoLink(_("“%(host)s” isn’t a valid host.") % {"host": host[:60]})


def _to_ascii(host: str) -> str | None:
    """Return a host as the network writes it; ``None`` when it cannot be written so."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return None


def ascii_host(host: str) -> str:
    """Return a possible host as the network writes it, lower case."""
    return (_to_ascii(host.removesuffix(".")) or host).lower()
