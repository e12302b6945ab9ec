"""Store which columns a person shows in a list, and read it along with the list's rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from panelhub.models import ListColumns
from panelhub.ui.columns import Table
from panelhub.ui.pagination import address


def toggled_columns(person: Any, table: Table) -> Subquery:
    """Return a person's stored choice for ``table`` as an expression, to be read along with other rows."""
    return Subquery(ListColumns.objects.filter(person=person.pk, page=table.slug).values("toggled")[:1])


def load_toggled(person: Any, table: Table) -> str:
    """Return a person's stored choice for ``table``, for a page without rows; "" for the default."""
    stored = ListColumns.objects.filter(person=person.pk, page=table.slug).values_list("toggled", flat=True)
    return stored.first() or ""


def store_columns(person: Any, table: Table, shown: set[str]) -> None:
    """Show these columns of ``table`` to ``person`` from now on; the default needs no row."""
    toggled = table.toggled(shown)
    if not toggled:
        ListColumns.objects.filter(person=person, page=table.slug).delete()
        return
    ListColumns.objects.bulk_create(
        [ListColumns(person=person, page=table.slug, toggled=toggled)],
        update_conflicts=True,
        unique_fields=["person", "page"],
        update_fields=["toggled"],
    )


@require_POST
def choose_columns(request: HttpRequest, table: Table) -> HttpResponse:
    """Store the columns marked with ``show``, or the default with ``reset``; return to the list as it was filtered."""
    is_reset = "reset" in request.POST
    default = {column.slug for column in table.columns if not column.is_extra}
    store_columns(request.user, table, default if is_reset else set(request.POST.getlist("show")))
    home, came_from = reverse(table.url_name), urlsplit(request.META.get("HTTP_REFERER", ""))
    query = QueryDict(came_from.query if came_from.path == home else "")
    return redirect(home + address(query, {}).removesuffix("?"))
