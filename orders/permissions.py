"""Whose orders a person sees: objects are always fetched through these, never by key alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Q

from orders.models import Order, Person, ProductOrder
from providers.models import Provider, Service

if TYPE_CHECKING:
    from django.db.models import QuerySet


def granted_provider_ids(user: Any) -> frozenset[int] | None:
    """Ids of the providers a person is granted; ``None`` when nobody limited them.

    Looked up once per user object, so a page asks the database once.
    """
    known: Any = getattr(user, "_granted_provider_ids", ...)
    if known is ...:
        chosen = Person.providers.through.objects.filter(person__user_id=user.pk).values_list("provider_id", flat=True)
        known = frozenset(chosen) or None
        user._granted_provider_ids = known
    kept: frozenset[int] | None = known
    return kept


def seen_by(queryset: QuerySet[Any], user: Any, *, path: str = "provider_id") -> QuerySet[Any]:
    """The rows of ``queryset`` that a person sees, decided inside its own statement; ``path`` leads to the provider.

    For one row or a few: over a long list the ids of :func:`granted_provider_ids` serve the indexes better.
    """
    known = getattr(user, "_granted_provider_ids", ...)
    if known is not ...:
        return queryset if known is None else queryset.filter(**{f"{path}__in": known})
    chosen = Person.providers.through.objects.filter(person__user_id=user.pk)
    return queryset.filter(~Exists(chosen) | Q(**{f"{path}__in": chosen.values("provider_id")}))


def _within(queryset: QuerySet[Any], user: Any, path: str) -> QuerySet[Any]:
    granted = granted_provider_ids(user)
    return queryset if granted is None else queryset.filter(**{f"{path}__in": granted})


def orders_for(user: Any) -> QuerySet[Order]:
    """Orders at the providers a person is granted."""
    return _within(Order.objects.all(), user, "provider_id")


def product_orders_for(user: Any) -> QuerySet[ProductOrder]:
    """Product orders at the providers a person is granted."""
    return _within(ProductOrder.objects.all(), user, "provider_id")


def providers_for(user: Any) -> QuerySet[Provider]:
    """The providers a person is granted."""
    return _within(Provider.objects.all(), user, "pk")


def services_for(user: Any) -> QuerySet[Service]:
    """Services of the providers a person is granted."""
    return _within(Service.objects.all(), user, "provider_id")
