"""What the pages of people show: the list, and the facts about one person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import HubRules, Person
from orders.people.abilities import role_name
from orders.placement.reserved_amounts import spent_columns
from panelhub.models import Authenticator
from panelhub.ui.formatting import format_money, format_when
from providers.models import Provider
from providers.permissions import VIEW_COST, VisibleProviders, visible_providers


def load_people(visible: VisibleProviders) -> QuerySet[User]:
    """Return all people with their roles, limits and what they reserved today; of providers the visible ones alone."""
    names = Prefetch("providers", visible.narrow(Provider.objects.only("name").order_by("name"), "pk"))
    factors = Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True)
    people: QuerySet[User] = User.objects.prefetch_related("groups", Prefetch("person", _people_rows(names)))
    return people.annotate(**spent_columns("pk"), second_factor=Exists(factors))


def _people_rows(names: Prefetch[Any]) -> QuerySet[Person]:
    return Person.objects.prefetch_related(names)


def list_rows(request: HttpRequest, people: list[Any]) -> list[dict[str, Any]]:
    """Return a row for each person of the page."""
    now, currency = timezone.now(), HubRules.load().currency
    sees_cost = request.user.has_perm(VIEW_COST)
    return [
        {
            "person": person,
            "role_names": describe_roles(person),
            "sees": describe_sight(person),
            "limit": describe_limit(person, currency),
            "spent": format_money(spent_by(person), currency) if sees_cost else "",
            "second_factor": person.second_factor,
            "last_login": format_when(person.last_login, now).html,
        }
        for person in people
    ]


def describe_person(request: HttpRequest, person: Any) -> dict[str, Any]:
    """Return the facts about one person that stand beside the form."""
    (row,) = list_rows(request, [person])
    return {**row, "joined": format_when(person.date_joined, timezone.now()).html}


def find_person(request: HttpRequest, pk: int) -> QuerySet[User]:
    """Return the one person with this key, as the list has them."""
    return load_people(visible_providers(request)).filter(pk=pk)


def describe_roles(person: Any) -> str:
    """Return the names of a person's roles."""
    if person.is_superuser:
        return _("Superuser")
    return ", ".join(role_name(role) for role in person.groups.all()) or _("No role")


def describe_sight(person: Any) -> str:
    """Return which providers a person sees, and whether of some clients alone."""
    row = _row_of(person)
    if person.is_superuser or (row and row.all_providers):
        seen = _("All providers")
    else:
        names = ", ".join(provider.name for provider in row.providers.all()) if row else ""
        seen = names or _("None")
    clients = _("selected clients")
    return seen if person.is_superuser or row is None or row.all_clients else f"{seen} · {clients}"


def describe_limit(person: Any, currency: str) -> str:
    """Return what a person may spend in a day."""
    row = _row_of(person)
    if row is not None and row.daily_limit is not None:
        return _("%(amount)s per day") % {"amount": format_money(row.daily_limit, currency)}
    if person.is_superuser or (row and row.no_limit):
        return _("No limit")
    if row is not None and row.has_limit_set:
        return _("Second person above an amount")
    return _("Not set: can’t order")


def spent_by(person: Any) -> Decimal:
    """Return what the orders of today take of the person's limit, in the hub's currency."""
    sums = (getattr(person, name) for name in spent_columns("pk"))
    return sum((one for one in sums if one), Decimal(0)).quantize(Decimal("0.01"))


def _row_of(person: Any) -> Person | None:
    return getattr(person, "person", None)
