"""Where a person can go: the entries of the side, in four groups. Each app lists its own, added up here.

An entry is shown when its page exists and its reader may open it; a page that is built later
appears by itself once its address resolves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

WORK: Final = "work"
CATALOGUE: Final = "catalogue"
MONEY: Final = "money"
SYSTEM: Final = "system"
GROUPS: Final[dict[str, Any]] = {
    WORK: _("Work"),
    CATALOGUE: _("Catalogue"),
    MONEY: _("Money"),
    SYSTEM: _("System"),
}
"""The groups of the side, in their order, by the slug that an entry names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place. ``key`` is what a page sets as ``nav`` to be marked; ``permission`` ""
    means everybody; entries of a ``group`` stand by ``place``. ``count`` names the figure of the page's
    header that says how much waits there, ``tone`` colours it.
    """

    key: str
    label: Any
    url_name: str
    icon: str
    permission: str = ""
    place: int = 1000
    group: str = WORK
    count: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry that this reader may open, with its address."""

    key: str
    label: Any
    url: str
    icon: str
    group: str
    count: str
    tone: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A link as the side shows it; ``waiting`` is how much waits there, "" for nothing."""

    link: Link
    waiting: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the side with the links in it."""

    slug: str
    label: Any
    links: tuple[Counted, ...]


ENTRIES: Final = (
    Entry("audit", _("Audit"), "audit", "shield-check", "panelhub.view_auditevent", place=50, group=SYSTEM),
    Entry("handbook", _("Handbook"), "handbook", "book-open", place=60, group=SYSTEM),
)
ADMIN: Final = Entry("admin", _("Administration"), "admin:index", "wrench-screwdriver", group=SYSTEM)


@cache
def all_entries() -> tuple[Entry, ...]:
    """Return the entries of all apps in their order: what their modules ``navigation`` list as ``ENTRIES``."""
    found = [
        import_module(f"{app.name}.navigation").ENTRIES
        for app in apps.get_app_configs()
        if module_has_submodule(app.module, "navigation")
    ]
    groups = list(GROUPS)
    entries = (entry for entries in found for entry in entries)
    return tuple(sorted(entries, key=lambda entry: (groups.index(entry.group), entry.place)))


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``navigation``, the links of this reader, worked out only where a page shows them."""
    return {"navigation": SimpleLazyObject(lambda: links_for(request))}


def links_for(request: HttpRequest) -> tuple[Link, ...]:
    """Return the places that exist and that the reader of this request may open, in their order."""
    user = request.user
    if not user.is_authenticated:
        return ()
    permissions = None if user.is_superuser else frozenset(user.get_all_permissions())
    return _links(permissions, with_admin=user.is_staff, urlconf=get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(maxsize=256)
def _links(permissions: frozenset[str] | None, *, with_admin: bool, urlconf: str) -> tuple[Link, ...]:
    """Return the links of everybody with the same ``permissions`` (``None``: all); addresses do not change while it
    runs.
    """
    wanted = [
        entry
        for entry in all_entries()
        if not entry.permission or permissions is None or entry.permission in permissions
    ]
    addressed = [(entry, resolve(entry.url_name)) for entry in (*wanted, *([ADMIN] if with_admin else []))]
    return tuple(
        Link(entry.key, entry.label, url, entry.icon, entry.group, entry.count, entry.tone)
        for entry, url in addressed
        if url
    )


def grouped(links: tuple[Link, ...], waiting: tuple[str, ...]) -> list[Group]:
    """Return ``links`` by group, each with its text of ``waiting``, which stands in the same order."""
    counted = [Counted(link, text) for link, text in zip(links, waiting, strict=True)]
    groups = (
        Group(slug, label, tuple(one for one in counted if one.link.group == slug)) for slug, label in GROUPS.items()
    )
    return [group for group in groups if group.links]


def resolve(url_name: str) -> str:
    """Return the address of a page, or "" when there is no such page in this build."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
