"""Where a person can go: the entries of the side, kept as data.

An entry is shown when its page exists and its reader may open it; a page that is built later
appears by itself once its address resolves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Entry:
    """One place. ``key`` is what a page sets as ``nav`` to be marked; ``permission`` "" means everybody."""

    key: str
    label: Any
    url_name: str
    icon: str
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry that this reader may open, with its address."""

    key: str
    label: Any
    url: str
    icon: str


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("dashboard", _("Dashboard"), "orders:dashboard", "chart-bar", "orders.view_order"),
    Entry("orders", _("Orders"), "orders:list", "list-bullet", "orders.view_order"),
    Entry("unconfirmed", _("Unconfirmed"), "orders:unconfirmed", "question-mark-circle", "orders.settle_order"),
    Entry("services", _("Services"), "providers:services", "squares-2x2", "providers.view_service"),
    Entry("mass", _("Mass orders"), "orders:mass", "queue-list", "orders.view_massorder"),
    Entry("products", _("Products"), "orders:products", "shopping-bag", "orders.view_productorder"),
    Entry("providers", _("Providers"), "providers:list", "server-stack", "providers.view_provider"),
    Entry("money", _("Money"), "orders:money", "scale", "orders.view_ledgerentry"),
    Entry("jobs", _("Jobs"), "jobs", "bolt", "providers.run_jobs"),
    Entry("api", _("API"), "api:docs", "code-bracket", "orders.view_order"),
    Entry("audit", _("Audit"), "audit", "shield-check", "panelhub.view_auditevent"),
)
ADMIN: Final = Entry("admin", _("Administration"), "admin:index", "wrench-screwdriver")


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
        entry for entry in ENTRIES if not entry.permission or permissions is None or entry.permission in permissions
    ]
    addressed = [(entry, resolve(entry.url_name)) for entry in (*wanted, *([ADMIN] if with_admin else []))]
    return tuple(Link(entry.key, entry.label, url, entry.icon) for entry, url in addressed if url)


def resolve(url_name: str) -> str:
    """Return the address of a page, or "" when there is no such page in this build."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
