"""The tabs that the pages of the API share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest

TABS: Final = (
    ("docs", _("Documentation"), "api:docs", ""),
    ("tokens", _("Tokens"), "api:tokens", "orders.add_apitoken"),
    ("shelf", _("Open services"), "api:shelf", "orders.view_openservice"),
    ("products", _("Open products"), "api:products", "orders.view_openservice"),
    ("markups", _("Markups"), "api:markups", "orders.view_markup"),
)


def tabs_for(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The tabs that the reader may open, for ``components/tabs.html``."""
    return [
        {"label": label, "url": reverse(name), "current": slug == current}
        for slug, label, name, permission in TABS
        if not permission or request.user.has_perm(permission)
    ]
