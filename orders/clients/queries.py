"""Find clients: the list's filters, and the clients that a name being typed may mean."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as lazy

from orders import statuses
from orders.models import Client, key_of_name
from orders.permissions import clients_for
from panelhub.ui.filters import ListFilter
from panelhub.ui.pagination import Sort
from panelhub.ui.widgets import PlainSelect

PAGE_SIZE: Final = 50
MOST_SUGGESTED: Final = 20
MINE: Final = "me"


def _name(text: str) -> str:
    """Return a name as an address carries it; raises ``ValueError`` for what no name holds."""
    if not text or not text.isprintable():
        raise ValueError(text)
    return text


BY_NAME: Final = Sort("name", lazy("By name"), ("name",), (_name,))


class ClientFilter(ListFilter):
    """The filters above the list of clients."""

    chip_fields = ("q", "manager")

    q = forms.CharField(required=False, max_length=200, label=lazy("Search"))
    manager = forms.ChoiceField(
        required=False,
        label=lazy("Account manager"),
        widget=PlainSelect,
        choices=[("", lazy("Any account manager")), (MINE, lazy("Me"))],
    )

    def find(self, user: Any) -> QuerySet[Client]:
        """Return the clients that ``user`` sees and that match."""
        self.is_valid()
        found = clients_for(user)
        if self.cleaned_data.get("manager") == MINE:
            found = found.filter(manager=user)
        for word in key_of_name(self.cleaned_data.get("q") or "").split():
            found = found.filter(key__contains=word)
        return found


def suggest_names(user: Any, typed: str) -> list[str]:
    """Return names of clients that ``user`` may order for and that begin with, or else hold, what was typed."""
    key = key_of_name(typed)
    usable = clients_for(user).filter(anonymised_at__isnull=True)
    found = list(usable.filter(key__startswith=key).order_by("key").values_list("name", flat=True)[:MOST_SUGGESTED])
    left = MOST_SUGGESTED - len(found)
    if left and key:
        more = usable.filter(key__contains=key).exclude(key__startswith=key).order_by("key")
        found += more.values_list("name", flat=True)[:left]
    return found


def count_open(rows: list[QuerySet[Any]], clients: list[int]) -> dict[int, int]:
    """Return how many orders of each client are not finished; one statement for each of ``rows``."""
    counts: dict[int, int] = {}
    for one in rows:
        live = one.filter(client__in=clients, status__in=sorted(statuses.LIVE)).order_by()
        for client, count in live.values_list("client").annotate(n=Count("pk")):
            counts[client] = counts.get(client, 0) + count
    return counts


NEEDS_ATTENTION: Final = Q(status__in=(statuses.HELD, statuses.UNCONFIRMED))
