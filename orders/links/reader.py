"""Reads a link: whose it is, what it opens, and one canonical text for all links that open the same."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote

from django.utils.translation import gettext as _

from orders.links.community_sites import COMMUNITY_SITES
from orders.links.faults import (
    INVISIBLE,
    NoLink,
    ascii_host,
    check_name,
    check_text,
    looks_like_address,
    mend,
    split_address,
)
from orders.links.media_sites import MEDIA_SITES
from orders.links.rules import Site
from orders.links.social_sites import SOCIAL_SITES

SITES: Final = (*SOCIAL_SITES, *COMMUNITY_SITES, *MEDIA_SITES)
KEY_SIZE: Final = 16
WEBSITE: Final = "website"
USERNAME: Final = "username"

# Hosts in front of a platform's own that open the same: phones, languages, countries, embedded players.
_SAME_HOSTS: Final = re.compile(
    r"(?:www|m|mobile|web|mbasic|touch|old|new|np|i|amp|business|open|listen|embed|player|music|ww|story|[a-z]{2}"
    r"|[a-z]{2}-[a-z]{2})(?:\.(?:www|m))?"
)
_SHORTENERS: Final = frozenset({
    "bit.ly", "tinyurl.com", "goo.gl", "cutt.ly", "is.gd", "rb.gy", "shorturl.at", "ow.ly", "t.ly", "s.id", "clck.ru",
    "linktr.ee", "tiny.cc", "rebrand.ly", "buff.ly", "v.gd", "shorter.me", "u.to",
})  # fmt: skip
# What says by which way someone came, never what is opened.
_SHARE_PARAMETERS: Final = re.compile(
    r"utm_\w+|fbclid|gclid|gclsrc|dclid|msclkid|yclid|ymclid|wbraid|gbraid|igshid|igsh|mc_[ce]id|_ga|_gl|mibextid|ttclid"
    r"|twclid|li_fat_id|_hsenc|_hsmi|vero_id|oly_\w+|ref_src|ref_url|srsltid|share_id|from_share|spm|scid|epik"
)
_STATED: Final = re.compile(r"\w+:", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was read. ``text`` is what is sent; ``canonical`` is never sent: it is compared.

    ``platform`` and ``target`` are "" where they cannot be known; ``fits`` are the kinds of service that can be
    ordered for it. ``handle`` is the user name where it opens a profile or channel by its name. ``has_marks`` and
    ``has_scheme_added`` are the two things that may have been mended.
    """

    text: str
    platform: str
    target: str
    canonical: str
    fits: tuple[str, ...] = ()
    handle: str = ""
    has_marks: bool = False
    has_scheme_added: bool = False

    @property
    def key(self) -> bytes:
        """16 bytes, the same for all links that open the same."""
        return hash_key(self.canonical)

    @property
    def is_name(self) -> bool:
        """Whether it is a bare user name, of whatever platform."""
        return self.target == USERNAME


def hash_key(canonical: str) -> bytes:
    """Return the key that stands for a canonical text:
    96 bits as 16 bytes of ASCII, which any database and JSON take.
    """
    return base64.urlsafe_b64encode(hashlib.blake2b(canonical.encode("utf-8", "replace"), digest_size=12).digest())


@lru_cache(maxsize=2_048)
def read_link(typed: str) -> Link:
    """Read a link or a user name as someone typed it; raises :class:`NoLink` with a sentence."""
    text, has_marks = mend(typed)
    if not text:
        raise NoLink(_("Enter a link."))
    check_text(text)
    has_scheme_added = looks_like_address(text, known_hosts=_KNOWN_HOSTS)
    if has_scheme_added:
        text = f"https://{text}"
    if "://" in text or _STATED.match(text) or text.startswith(("/", "=")):
        found = _read_address(text, split_address(text))
    else:
        check_name(text)
        name = text.removeprefix("@").casefold()
        found = Link(text, "", USERNAME, f"@{name}", ("followers",), name)
    if not (has_marks or has_scheme_added):
        return found
    return Link(
        found.text, found.platform, found.target, found.canonical, found.fits, found.handle, has_marks, has_scheme_added
    )


def key_of(typed: str) -> bytes | None:
    """Return the key of a link; of what is none, the key of its text; ``None`` of nothing."""
    try:
        return read_link(typed).key
    except NoLink:
        bare = INVISIBLE.sub("", typed).strip().casefold()
        return hash_key(f"text/{bare}") if bare else None


# --- Addresses --------------------------------------------------------------------------------------------------------


def _read_address(text: str, parts: SplitResult) -> Link:
    host = ascii_host(parts.hostname or "")
    path, query = _plain_path(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
    for site, before in _sites_of(host):
        if _is_opaque(site, host, path):
            return Link(text, site.slug, "", f"{site.slug}/{host}/{path}")
        found = site.match(before, path, query)
        if found is not None:
            return Link(text, site.slug, found.target, f"{site.slug}/{found.key}", found.fits, found.handle)
        if site.own:
            return Link(text, site.slug, "", _plain_address(parts, host))
    if host.removeprefix("www.") in _SHORTENERS:
        return Link(text, "", "", _plain_address(parts, host))
    return Link(text, WEBSITE, WEBSITE, _plain_address(parts, host), ("traffic", "ranking"))


def _ending(host: str) -> str:
    if host.endswith(".*"):
        return rf"{re.escape(host[:-2])}\.(?:com?\.)?[a-z]{{2,3}}"
    return re.escape(host.partition("/")[0])


_BY_HOST: Final = tuple(
    (site, re.compile(rf"(?:(?P<before>[\w.\-]+)\.)?{_ending(host)}")) for site in SITES for host in site.hosts
)
_OPAQUE: Final = tuple((site, host) for site in SITES for host in site.opaque)
_KNOWN_HOSTS: Final = re.compile(
    "|".join(rf"(?:[\w\-]+\.)*?{_ending(host)}" for site in SITES for host in (*site.hosts, *site.opaque))
)


@lru_cache(maxsize=4_096)
def _sites_of(host: str) -> tuple[tuple[Site, str], ...]:
    """Return the platforms that a host may be of, with what stands before their own name and counts."""
    found = [(site, "") for site, opaque in _OPAQUE if host.removeprefix("www.") == opaque.partition("/")[0]]
    for site, form in _BY_HOST:
        if matched := form.fullmatch(host):
            before = matched["before"] or ""
            found.append((site, "" if _SAME_HOSTS.fullmatch(before) else before.removeprefix("www.")))
    return tuple(found)


def _is_opaque(site: Site, host: str, path: str) -> bool:
    plain = host.removeprefix("www.")
    return any(
        plain == opaque or ("/" in opaque and f"{plain}/{path}".startswith(f"{opaque}/")) for opaque in site.opaque
    )


def _plain_path(path: str) -> str:
    """Return a path in one spelling: letters as they are, what has a meaning of its own encoded, no empty ends."""
    made = []
    for segment in path.split("/"):
        plain = unicodedata.normalize("NFC", unquote(segment, errors="replace"))
        made.append(quote(plain, safe="!$&'()*+,;=:@~-._") if "/" in plain or "%" in plain else plain)
    return "/".join(made).strip("/")


def _plain_address(parts: SplitResult, host: str) -> str:
    """Return the address of any site in one spelling:
    no scheme, no ``www.``, sorted query, nothing about how one came.
    """
    pairs = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _SHARE_PARAMETERS.fullmatch(name)
    )
    # Before the path, so that no path reads like a query.
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    route = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    return f"{WEBSITE}/{host.removeprefix('www.')}{port}/{_plain_path(parts.path)}?{query}#{route}"


# --- Looking for ------------------------------------------------------------------------------------------------------


def search_keys(typed: str) -> list[bytes]:
    """Return the keys of all that someone may mean by a text: a link, a user name anywhere, a post's bare code."""
    return list(dict.fromkeys(hash_key(text) for text in _meant_by(typed)))


def _meant_by(typed: str) -> Iterator[str]:
    try:
        link = read_link(typed)
    except NoLink:
        yield f"text/{INVISIBLE.sub('', typed).strip().casefold()}"
        return
    yield link.canonical
    if link.handle:
        yield f"@{link.handle}"
    if link.is_name:
        for site in SITES:
            if site.handle_target:
                yield f"{site.slug}/@{site.fold(link.handle)}"
            if not link.text.startswith("@"):
                for key in site.keys_of_code(link.text):
                    yield f"{site.slug}/{key}"


def keys_of_target(typed: str, platform: str) -> tuple[bytes | None, list[bytes]]:
    """Return the key of a link, and those under which a service of ``platform`` may have the same target besides."""
    try:
        link = read_link(typed)
    except NoLink:
        return key_of(typed), []
    return link.key, handle_keys(link, platform)


def name_target(typed: str) -> str:
    """Return one text for a target, however it is named: two links of one target have the same, and others may have it
    too.
    """
    try:
        link = read_link(typed)
    except NoLink:
        return typed
    return link.handle.replace(".", "") or link.canonical


def handle_keys(link: Link, platform: str) -> list[bytes]:
    """Return the keys under which a link may be known besides its own, for a service of ``platform``: as name, as
    profile.
    """
    if link.is_name:
        return [hash_key(f"{site.slug}/@{site.fold(link.handle)}") for site in SITES if site.slug == platform]
    if link.handle and link.platform == platform:
        return [hash_key(f"@{link.handle}")]
    return []
