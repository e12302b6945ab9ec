"""What is odd about a link for a service, and what was mended of it: sentences for whoever orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from orders.links.faults import NoLink
from orders.links.fit import describe_mismatch
from orders.links.reader import read_link
from providers.models.platforms import TITLES

if TYPE_CHECKING:
    from providers.models import Service


def wanted_by(service: Service) -> tuple[str, str]:
    """Return the platform and the kind that a service is for, as far as its name says; the one place that reads
    them.
    """
    return service.platform, service.kind


def describe_link_mismatch(service: Service, link: str) -> str:
    """Return what is odd about ``link`` for ``service``, as a sentence; "" when nothing is, or nothing can be known."""
    platform, kind = wanted_by(service)
    try:
        found = read_link(link)
    except NoLink:
        return ""
    return describe_mismatch(found, platform=platform, kind=kind, platform_title=str(TITLES.get(platform, platform)))


def describe_link_mends(typed: str) -> list[str]:
    """Return what was mended of a link as it was typed, one sentence each."""
    try:
        link = read_link(typed)
    except NoLink:
        return []
    mends = []
    if link.has_marks:
        mends.append(_("Invisible characters were removed from the link."))
    if link.has_scheme_added:
        mends.append(_("Added https:// to the link."))
    return mends
