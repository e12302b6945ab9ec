"""Command palette: find pages, actions, views, people, orders, requests, services and products by a few letters.

What its reader may not open is not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from orders.listing.queries import OrderSearch, branches_of
from orders.listing.saved_views import load_list_choices
from orders.models import Order
from orders.palette.records import find_records
from panelhub.handbook import all_pages
from panelhub.navigation import links_for
from panelhub.ui.formatting import badge
from panelhub.ui.pagination import merge_branches
from providers.catalogue.contexts import CatalogueFilter, choose_services
from providers.models.search_text import fold
from providers.permissions import VisibleProviders, prices_for, visible_providers

MOST_OF_A_KIND: Final = 6
LONGEST_SEARCH: Final = 300
SHORTEST_NAME: Final = 2


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found, and where it leads; ``tone`` colours ``beside``, which is a state."""

    icon: str
    label: str
    url: str
    beside: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    title: Any
    found: list[Found]


@dataclass(frozen=True, slots=True)
class PaletteAction:
    """Something that can be done from anywhere."""

    label: Any
    url_name: str
    icon: str
    permission: str
    query: str = ""


ACTIONS: Final = (
    PaletteAction(lazy("New order"), "orders:create", "plus", "orders.add_order"),
    PaletteAction(lazy("New mass order"), "orders:mass", "queue-list", "orders.add_massorder"),
    PaletteAction(lazy("My own orders"), "orders:list", "user", "orders.view_order", "person=me"),
    PaletteAction(
        lazy("Orders that need attention"), "orders:list", "hand-raised", "orders.view_order", "tab=attention"
    ),
    PaletteAction(
        lazy("Orders that can be refilled"), "orders:list", "arrow-path", "orders.aftercare_order", "tab=refillable"
    ),
    PaletteAction(lazy("Adopt an order placed elsewhere"), "orders:adopt", "arrow-down-tray", "orders.adopt_order"),
)


def find_anything(request: HttpRequest, text: str) -> list[Group]:
    """Return what ``text`` may mean, by kind, at most a handful of each; without text where one can go.

    At most eight statements besides those that every page takes: three of them look for typos.
    """
    text = "".join(mark for mark in text[:LONGEST_SEARCH] if mark.isprintable()).strip()
    visible = visible_providers(request)
    views, people = _views_and_people(request.user, text)
    groups = [
        Group(lazy("Orders"), list(_orders(request.user, visible, text))),
        *_records(request, text),
        Group(lazy("Views"), list(_named(text, views))),
        Group(lazy("People"), list(_named(text, people))[:MOST_OF_A_KIND]),
        Group(lazy("Actions"), list(_named(text, _actions(request.user)))),
        Group(lazy("Pages"), list(_named(text, _pages(request)))),
        Group(lazy("Handbook"), list(_handbook(text))),
        Group(lazy("Providers"), list(_providers(request.user, visible, text))),
        Group(lazy("Services"), list(_services(request, text))),
    ]
    return [group for group in groups if group.found]


def _named(text: str, every: Iterable[Found]) -> Iterator[Found]:
    """Return those whose names hold all words that were typed."""
    words = fold(text).split()
    return (one for one in every if all(word in fold(one.label) for word in words))


def _actions(user: Any) -> Iterator[Found]:
    for action in ACTIONS:
        if user.has_perm(action.permission):
            url = reverse(action.url_name)
            yield Found(action.icon, str(action.label), f"{url}?{action.query}" if action.query else url)


def _pages(request: HttpRequest) -> Iterator[Found]:
    return (Found(link.icon, str(link.label), link.url) for link in links_for(request))


def _records(request: HttpRequest, text: str) -> Iterator[Group]:
    """Yield products, requests and mass orders, a group for each kind."""
    groups: dict[str, Group] = {}
    for one in find_records(request, text, most=MOST_OF_A_KIND):
        shown = badge(one.status) if one.status else None
        beside, tone = (shown.label, shown.tone) if shown else (one.beside, "")
        group = groups.setdefault(str(one.group), Group(one.group, []))
        if len(group.found) < MOST_OF_A_KIND:
            group.found.append(Found(one.icon, one.label, one.url, beside=beside, tone=tone))
    yield from groups.values()


def _handbook(text: str) -> Iterator[Found]:
    """Yield pages of the handbook and their sections, once something was typed."""
    if len(text) < SHORTEST_NAME:
        return
    every = []
    for page in all_pages():
        every.append(Found("book-open", page.title, page.url))
        every += [Found("book-open", one.title, f"{page.url}#{one.anchor}", page.title) for one in page.sections]
    yield from list(_named(text, every))[:MOST_OF_A_KIND]


def _views_and_people(user: Any, text: str) -> tuple[list[Found], list[Found]]:
    """Return the reader's saved views, and the people whose orders they may filter by; one statement."""
    if not user.has_perm("orders.view_order"):
        return [], []
    home, choices = reverse("orders:list"), load_list_choices(user)
    views = [Found("bookmark", view.name, f"{home}?{view.query}") for view in choices.views]
    # Without a letter it would be a list of everybody.
    people = choices.people.items() if len(text) >= SHORTEST_NAME else ()
    return views, [Found("user", name, f"{home}?person={pk}") for pk, name in people]


def _providers(user: Any, visible: VisibleProviders, text: str) -> Iterator[Found]:
    if len(text) < SHORTEST_NAME or not user.has_perm("providers.view_provider"):
        return
    named = [
        Found("server-stack", seen.name, reverse("providers:detail", args=[pk]))
        for pk, seen in visible.providers.items()
    ]
    yield from list(_named(text, named))[:MOST_OF_A_KIND]


def _orders(user: Any, visible: VisibleProviders, text: str) -> Iterator[Found]:
    """Yield orders by our number, the provider's id, or the whole link."""
    if not text or not user.has_perm("orders.view_order"):
        return
    visible_orders = visible.narrow(Order.objects.all())
    branches = branches_of(OrderSearch(q=text), provider_ids=list(visible.providers))
    merged = merge_branches([visible_orders.filter(branch).order_by("-id")[:MOST_OF_A_KIND] for branch in branches])
    columns = ("pk", "status", "external_id", "service__name", "link")
    for pk, status, external_id, service, link in merged.order_by("-id").values_list(*columns)[:MOST_OF_A_KIND]:
        shown = badge(status)
        words = [f"#{pk}", f"({external_id})" if external_id else "", service or link]
        yield Found(
            "clipboard-document-list",
            " ".join(word for word in words if word),
            reverse("orders:detail", args=[pk]),
            beside=shown.label,
            tone=shown.tone,
        )


def _services(request: HttpRequest, text: str) -> Iterator[Found]:
    """Yield services that can be ordered, by the same search and in the same order as where one chooses a service."""
    if len(text) < SHORTEST_NAME or not request.user.has_perm("providers.view_service"):
        return
    asked = QueryDict(mutable=True)
    asked["q"] = text
    form = CatalogueFilter(asked, visible=visible_providers(request), prices=prices_for(request), reader=request.user)
    for row in choose_services(form, most=MOST_OF_A_KIND):
        price = f" · {row.rate} {row.unit}" if form.sees_cost else ""
        yield Found("squares-2x2", f"{row.external_id} {row.name}", row.url, beside=f"{row.provider}{price}")
