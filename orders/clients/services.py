"""Change clients: add, edit, and anonymise them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import Cancellation, Chain, Client, Order, ProductOrder, Refill, SavedView, Schedule
from orders.statuses import LIVE, QUEUED, REFILL_OPEN, SENDING, UNCONFIRMED
from panelhub import audit
from panelhub.background.dispatch import notify_worker

if TYPE_CHECKING:
    from django.http import HttpRequest

REWRITE: Final = "orders.clients.tasks.rewrite_clients"
_ON_ITS_WAY: Final = frozenset({QUEUED, SENDING, UNCONFIRMED}) | REFILL_OPEN


class NotNow(Exception):
    """A client can't be changed like this; ``str()`` of it is a sentence for the person who tried."""


def save_client(
    client: Client, *, by: Any, changes: Mapping[str, Any], request: HttpRequest | None = None
) -> list[str]:
    """Write ``changes`` of a client, or a new client, and record who did; return the names of changed fields.

    The record holds no names or notes of clients, which can be anonymised. Orders get a new name from a worker.
    """
    is_new = client._state.adding
    try:
        return _save(client, by, changes, request, is_new=is_new)
    except IntegrityError:
        raise NotNow(_("This name is already in use.")) from None


def _save(
    client: Client, by: Any, changes: Mapping[str, Any], request: HttpRequest | None, *, is_new: bool
) -> list[str]:
    with transaction.atomic():
        if not is_new:
            client = Client.objects.select_for_update().get(pk=client.pk)
            if client.anonymised_at is not None:
                raise NotNow(_("This client was anonymised."))
        changed = [name for name, value in changes.items() if is_new or getattr(client, name) != value]
        if not changed and not is_new:
            return []
        before = str(client.markup)
        for name in changed:
            setattr(client, name, changes[name])
        client.is_stale = client.is_stale or (not is_new and "name" in changed)
        client.save()
        markup = {"markup": [before, str(client.markup)]} if "markup" in changed else {}
        action = "client.made" if is_new else "client.changed"
        audit.record(by, action, client, ", ".join(changed), request, **markup)
        if client.is_stale:
            notify_worker(REWRITE)
    return changed


def why_not_anonymised(client: Client) -> str:
    """Return the sentence why a client can't be anonymised now; "" when they can."""
    if client.anonymised_at is not None:
        return _("This client was already anonymised.")
    if any(model._default_manager.filter(client=client, status__in=LIVE).exists() for model in (Order, ProductOrder)):
        return _("This client has open orders. Wait until they are finished.")
    if Schedule.objects.filter(client=client).exclude(status=Schedule.Status.ENDED).exists():
        return _("This client has a schedule. End it first.")
    if Chain.objects.filter(client=client).exclude(status__in=(Chain.Status.STOPPED, Chain.Status.DONE)).exists():
        return _("This client has open orders. Wait until they are finished.")
    for model in (Refill, Cancellation):
        if model._default_manager.filter(order__client=client, status__in=_ON_ITS_WAY).exists():
            return _("This client has open refills or cancels. Wait until they are finished.")
    return ""


def anonymise_client(client: Client, *, by: Any, request: HttpRequest | None = None) -> Client:
    """Remove who a client is, for good: name, notes and, by a worker, what their orders say of them.

    Amounts, services, providers and dates stay. Raises :class:`NotNow` while orders are open.
    """
    with transaction.atomic():
        # Orders for the client wait for this lock (they refer to the row), so none is made meanwhile.
        client = Client.objects.select_for_update().get(pk=client.pk)
        reason = why_not_anonymised(client)
        if reason:
            raise NotNow(reason)
        _remove_saved_views(client.name)
        name = f"Client {client.pk}"
        taken = Client.objects.filter(name=name).exclude(pk=client.pk).exists()
        client.name = f"{name} (anonymous)" if taken else name
        client.notes, client.manager = "", None
        client.anonymised_at = timezone.now()
        client.is_stale = True
        client.save()
        audit.record(by, "client.anonymised", client, "", request)
        notify_worker(REWRITE)
    return client


def _remove_saved_views(name: str) -> None:
    """Remove saved filters that name a client."""
    saved = SavedView.objects.filter(query__contains="client=").values_list("pk", "query")
    naming = [pk for pk, query in saved if QueryDict(query).get("client") == name]
    SavedView.objects.filter(pk__in=naming).delete()
