"""Where a person can go: the entries of the side. Each app lists its own, added up here.

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One place. ``key`` is what a page sets as ``nav`` to be marked; ``permission`` ""
    means everybody; entries stand by ``place``.
    """

    key: str
    label: Any
    url_name: str
    icon: str
    permission: str = ""
    place: int = 1000


@dataclass(frozen=True, slots=True)
class Link:
    """An entry that this reader may open, with its address."""

    key: str
    label: Any
    url: str
    icon: str


ENTRIES: Final = (Entry("audit", _("Audit"), "audit", "shield-check", "panelhub.view_auditevent", place=110),)
ADMIN: Final = Entry("admin", _("Administration"), "admin:index", "wrench-screwdriver")


@cache
def all_entries() -> tuple[Entry, ...]:
    """Return the entries of all apps in their order: what their modules ``navigation`` list as ``ENTRIES``."""
    found = [
        import_module(f"{app.name}.navigation").ENTRIES
        for app in apps.get_app_configs()
        if module_has_submodule(app.module, "navigation")
    ]
    return tuple(sorted((entry for entries in found for entry in entries), key=lambda entry: entry.place))


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
    return tuple(Link(entry.key, entry.label, url, entry.icon) for entry, url in addressed if url)


def resolve(url_name: str) -> str:
    """Return the address of a page, or "" when there is no such page in this build."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
