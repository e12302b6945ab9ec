"""Find mass orders and their lines, and who may do what with them."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from orders.models import MassLine, MassOrder
from orders.permissions import granted_client_ids, granted_provider_ids
from providers.permissions import visible_providers

BEGUN: Final = (MassOrder.Status.PLACING, MassOrder.Status.PAUSED)
"""A person placed it, and lines that are no orders yet may become some."""


def mass_orders_for(user: Any) -> QuerySet[MassOrder]:
    """Return the mass orders a person may see: their own, and those that name no provider they are not granted.

    Whoever is limited to clients sees those of these clients alone.
    """
    clients = granted_client_ids(user)
    every = MassOrder.objects.all() if clients is None else MassOrder.objects.filter(client__in=clients)
    granted = granted_provider_ids(user)
    if granted is None:
        return every
    elsewhere = MassLine.objects.filter(mass_order=OuterRef("pk")).exclude(provider_id__in=granted)
    return every.filter(Q(created_by=user) | ~Exists(elsewhere.filter(provider__isnull=False)))


def twin_of(batch: MassOrder) -> MassOrder | None:
    """Return the newest other mass order of the same lines that was not withdrawn: probably the same upload."""
    others = MassOrder.objects.filter(body_hash=batch.body_hash).exclude(pk=batch.pk)
    others = others.exclude(status=MassOrder.Status.WITHDRAWN)
    begun_first = Case(When(status__in=BEGUN, then=0), default=1)
    ordered = others.select_related("created_by").order_by(begun_first, "-placed", "-pk")
    return ordered.first() if batch.body_hash else None


def waiting_lines(batch: MassOrder, *, with_warnings: bool) -> QuerySet[MassLine]:
    """Return the lines that are to become orders and are not yet."""
    lines = MassLine.objects.filter(mass_order=batch, order=None, fault="")
    return lines if with_warnings else lines.filter(warning="")


def find_mass_order(request: HttpRequest, pk: int) -> MassOrder:
    """Return a mass order that this reader may see; raises :class:`Http404`."""
    # The page needs it in any case, and what a person is granted is known from it.
    visible_providers(request)
    return get_object_or_404(mass_orders_for(request.user).select_related("created_by"), pk=pk)


def may_act(user: Any, batch: MassOrder) -> bool:
    """Return whether a person may act: on their own if they may make any, on another's if they may change them."""
    if batch.created_by_id == user.pk:
        return bool(user.has_perm("orders.add_massorder"))
    return bool(user.has_perm("orders.change_massorder"))
