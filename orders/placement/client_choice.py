"""Choose whom an order is for: the client whose name was typed, as far as the person may order for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from orders.models import BilledOrder, Client, key_of_name
from orders.models.client import LONGEST_NAME
from orders.permissions import clients_for, granted_client_ids
from orders.placement.validation import OrderInvalid
from panelhub import audit

if TYPE_CHECKING:
    from orders.models import ForClient

FIELD: Final = "client_label"


def choose_client(user: Any, typed: str, *, make: bool = True) -> Client | None:
    """Return the client whose name ``user`` typed, in any spelling; ``None`` for no name.

    A new name makes a client, unless ``make`` is off (then ``None``). A person who is limited to clients orders for
    these alone: without a name for their only one. Raises :class:`OrderInvalid`, in the same words for a client that
    is hidden and for one that does not exist.
    """
    kept = "".join(mark for mark in typed if mark.isprintable() or mark.isspace())
    name = " ".join(kept.split())[:LONGEST_NAME].strip()
    granted = None if user is None else granted_client_ids(user)
    if not name:
        return None if granted is None else _only_client(user)
    # The exact name goes first: two clients from before may differ in their spelling alone.
    visible = Client.objects.all() if granted is None else clients_for(user)
    same = visible.filter(key=key_of_name(name), anonymised_at__isnull=True).order_by("pk")
    found = sorted(same, key=lambda one: one.name != name)
    if found:
        return found[0]
    if granted is not None or Client.objects.filter(name=name, anonymised_at__isnull=False).exists():
        raise OrderInvalid({FIELD: [_("You can’t order for a client named “%(name)s”.") % {"name": name}]})
    return _make(user, name) if make else None


def _make(user: Any, name: str) -> Client:
    client = Client.named(name)
    audit.record(user, "client.made", client)
    return client


def _only_client(user: Any) -> Client:
    mine = list(clients_for(user).filter(anonymised_at__isnull=True)[:2])
    if len(mine) != 1:
        raise OrderInvalid({FIELD: [_("Enter one of your clients.")]})
    return mine[0]


def put_client(row: ForClient, client: Client | None) -> None:
    """Write on an order whom it is for, and the markup that the client has now."""
    row.client = client
    row.client_label = client.name if client else ""
    if isinstance(row, BilledOrder):
        row.markup = client.markup if client else None
