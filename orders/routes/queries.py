"""Find what the catalogue suggests to make a route of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from orders.models import Route
from orders.routes.choice import ORDERED_TYPE
from panelhub.ui.pagination import merge_branches
from providers.catalogue.filters import availability
from providers.models import Service
from providers.models.platforms import TITLES
from providers.models.service_kinds import KIND_TITLES, OTHER
from providers.permissions import VisibleProviders

MOST_SUGGESTED: Final = 8
MOST_PROVIDERS: Final = 12
FEWEST_PROVIDERS: Final = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Services of one platform and kind at several providers, which may become a route."""

    name: str
    platform: str
    kind: str
    refill: bool
    providers: int
    services: int


def find_suggestions(visible: VisibleProviders) -> list[Suggestion]:
    """Return what several providers sell alike and no route offers yet, the most widely sold first; two statements."""
    there = set(Route.objects.values_list("platform", "kind", "needs_refill"))
    alike = _ordinary(visible).exclude(platform="").exclude(kind=OTHER).order_by()
    counted: Any = (
        alike.values("platform", "kind")
        .annotate(
            providers=Count("provider", distinct=True),
            services=Count("pk"),
            refill_providers=Count("provider", distinct=True, filter=Q(refill=True)),
            refill_services=Count("pk", filter=Q(refill=True)),
        )
        .filter(providers__gte=FEWEST_PROVIDERS)
        .order_by("-providers", "-services")[: 3 * MOST_SUGGESTED]
    )
    found = []
    for row in counted:
        for refill, prefix in ((True, "refill_"), (False, "")):
            key = (row["platform"], row["kind"], refill)
            if row[f"{prefix}providers"] >= FEWEST_PROVIDERS and key not in there:
                name = name_of(*key)
                found.append(Suggestion(name, *key, row[f"{prefix}providers"], row[f"{prefix}services"]))
                break
    return found[:MOST_SUGGESTED]


def name_of(platform: str, kind: str, refill: bool) -> str:  # noqa: FBT001 - three parts of one key
    """Return the name of a route for services of a platform and kind."""
    words = " ".join(str(part) for part in (TITLES.get(platform, platform), KIND_TITLES.get(kind, kind)) if part)
    return _("%(name)s, with refill") % {"name": words} if refill else words


def cheapest_of_each(visible: VisibleProviders, *, platform: str, kind: str, refill: bool) -> Sequence[Service]:
    """Return the cheapest service of a platform and kind at each provider, cheapest first; one statement."""
    alike = _ordinary(visible).filter(platform=platform, kind=kind)
    if refill:
        alike = alike.filter(refill=True)
    active = [pk for pk, seen in visible.providers.items() if seen.is_active][:MOST_PROVIDERS]
    branches = [alike.filter(provider_id=pk).order_by("rate", "id")[:1] for pk in active]
    found = list(merge_branches(branches).order_by()) if branches else []
    return sorted(found, key=lambda one: (one.hub_rate is None, one.hub_rate or 0, one.pk))


def _ordinary(visible: VisibleProviders) -> QuerySet[Service]:
    """Return the services that a route can order now."""
    found: QuerySet[Service] = visible.narrow(Service.objects.filter(availability("", visible), type=ORDERED_TYPE))
    return found
