"""Saved views: the filters a person saved, and the colleagues they can filter by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import CharField, QuerySet, Value
from django.utils.translation import gettext as _

from orders.models import SavedView
from panelhub.db.prepared import Prepared
from panelhub.models import ListColumns

ORDERS: Final = "orders"
MOST_VIEWS: Final = 30
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 1_000
MOST_PEOPLE: Final = 300
_VIEW, _PERSON, _COLUMNS = "view", "person", "columns"


class ViewRefused(Exception):
    """A view cannot be saved like this; the text says why."""


@dataclass(frozen=True, slots=True)
class View:
    """A filter saved under a name; ``query`` is its query string."""

    pk: int
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class ListChoices:
    """One person's views by name, the names of everybody who works here by key, and the person's choice of columns."""

    views: tuple[View, ...]
    people: Mapping[int, str]
    toggled: str = ""

    def view_of(self, query: str) -> View | None:
        """Return the view that shows exactly this filter."""
        return next((view for view in self.views if view.query == query), None)


def load_list_choices(user: Any) -> ListChoices:
    """Return what the list shows for ``user`` besides orders; one statement."""
    rows = _LIST_CHOICES.rows_for(user.pk)
    views = [View(pk, name, query) for kind, pk, name, query in rows if kind == _VIEW]
    people = sorted(
        ((name, pk) for kind, pk, name, _query in rows if kind == _PERSON), key=lambda one: one[0].casefold()
    )
    return ListChoices(
        views=tuple(sorted(views, key=lambda view: view.name.casefold())),
        people={pk: name for name, pk in people[:MOST_PEOPLE]},
        toggled=next((toggled for kind, _pk, _page, toggled in rows if kind == _COLUMNS), ""),
    )


def _query_choices(user_pk: int) -> QuerySet[Any, Any]:
    views = (
        SavedView.objects.filter(person=user_pk, page=ORDERS)
        .order_by()
        .annotate(kind=Value(_VIEW, output_field=CharField()))
        .values_list("kind", "pk", "name", "query")
    )
    people = (
        get_user_model()
        .objects.filter(is_active=True)
        .order_by()
        .annotate(kind=Value(_PERSON, output_field=CharField()), x_query=Value("", output_field=CharField()))
        .values_list("kind", "pk", "username", "x_query")
    )
    columns = (
        ListColumns.objects.filter(person=user_pk, page=ORDERS)
        .order_by()
        .annotate(kind=Value(_COLUMNS, output_field=CharField()))
        .values_list("kind", "pk", "page", "toggled")
    )
    return views.union(people, columns, all=True)


_LIST_CHOICES: Final = Prepared(_query_choices)


def keep_view(user: Any, *, name: str, query: str) -> tuple[SavedView, bool]:
    """Save ``query`` under ``name``, in place of an older view of that name; return it, and whether it is new.

    Raises :class:`ViewRefused`.
    """
    name = _read_name(name)
    if not query:
        raise ViewRefused(_("Add a filter before saving a view."))
    if len(query) > LONGEST_QUERY:
        raise ViewRefused(_("This filter is too long to save."))
    with transaction.atomic():
        mine = views_of(user)
        if mine.exclude(name=name).count() >= MOST_VIEWS:
            raise ViewRefused(_("You already have %(count)s views. Delete one first.") % {"count": MOST_VIEWS})
        return SavedView.objects.update_or_create(person=user, page=ORDERS, name=name, defaults={"query": query})


def rename_view(view: SavedView, name: str) -> None:
    """Give a view another name. Raises :class:`ViewRefused` when there is none, or one of that name already."""
    name = _read_name(name)
    with transaction.atomic():
        if SavedView.objects.filter(person_id=view.person_id, page=view.page, name=name).exclude(pk=view.pk).exists():
            raise ViewRefused(_("You already have a view named %(name)s.") % {"name": name})
        SavedView.objects.filter(pk=view.pk).update(name=name)


def views_of(user: Any) -> QuerySet[SavedView]:
    """Return the views that a person saved; no one sees another's."""
    return SavedView.objects.filter(person=user, page=ORDERS)


def _read_name(name: str) -> str:
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in name).split())[:LONGEST_NAME].strip()
    if not plain:
        raise ViewRefused(_("Enter a name for the view."))
    return plain
