"""Whose orders a person sees: objects are always fetched through these, never by key alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from orders.models import Chain, OpenService, Order, Person, ProductOrder, Route, RouteService
from providers.models import Provider, Service
from providers.permissions import sees_all

if TYPE_CHECKING:
    from django.db.models import QuerySet


def granted_provider_ids(user: Any) -> frozenset[int] | None:
    """Return ids of the providers a person is granted; ``None`` when they see all of them.

    Looked up once per user object, so a page queries the database once.
    """
    known: Any = getattr(user, "_granted_provider_ids", ...)
    if known is ...:
        known = None if user.is_superuser else _load_granted(user.pk)
        user._granted_provider_ids = known
    kept: frozenset[int] | None = known
    return kept


def _load_granted(user_pk: int) -> frozenset[int] | None:
    rows = Person.objects.filter(user=user_pk).values_list("all_providers", "providers")
    found = list(rows)
    if any(sees_all for sees_all, _provider in found):
        return None
    return frozenset(provider for _sees_all, provider in found if provider is not None)


def sees_beyond(person: Any, actor: Any) -> bool:
    """Return whether ``person`` sees a provider that ``actor`` does not.

    An administrator who was never given a row of their own is not limited to providers: permissions alone count.
    """
    if not Person.objects.filter(user=actor.pk).exists():
        return False
    mine, theirs = granted_provider_ids(actor), _load_granted(person.pk)
    return mine is not None and (theirs is None or not theirs <= mine)


def seen_by(queryset: QuerySet[Any], user: Any, *, path: str = "provider_id") -> QuerySet[Any]:
    """Return the rows of ``queryset`` that a person sees, decided inside its own statement; ``path`` leads to the
    provider.

    For one row or a few: over a long list the ids of :func:`granted_provider_ids` serve the indexes better.
    """
    known = getattr(user, "_granted_provider_ids", ...)
    if known is not ...:
        return queryset if known is None else queryset.filter(**{f"{path}__in": known})
    return queryset.filter(granted_to(user.pk, path))


def granted_to(user_pk: int, path: str) -> Q:
    """Return a condition for a statement: the person sees the provider at ``path``."""
    chosen = Person.providers.through.objects.filter(person__user_id=user_pk)
    return Q(Exists(sees_all(user_pk))) | Q(**{f"{path}__in": chosen.values("provider_id")})


def _within(queryset: QuerySet[Any], user: Any, path: str) -> QuerySet[Any]:
    granted = granted_provider_ids(user)
    return queryset if granted is None else queryset.filter(**{f"{path}__in": granted})


def orders_for(user: Any) -> QuerySet[Order]:
    """Return orders at the providers a person is granted."""
    return _within(Order.objects.all(), user, "provider_id")


def chains_for(user: Any) -> QuerySet[Chain]:
    """Return chains with at least one order at a provider that a person is granted."""
    granted = granted_provider_ids(user)
    if granted is None:
        return Chain.objects.all()
    return Chain.objects.filter(Exists(Order.objects.filter(chain=OuterRef("pk"), provider_id__in=granted)))


def routes_for(user: Any) -> QuerySet[Route]:
    """Return routes with a service at a provider that a person is granted, and those without any service."""
    granted = granted_provider_ids(user)
    if granted is None:
        return Route.objects.all()
    entries = RouteService.objects.filter(route=OuterRef("pk"))
    return Route.objects.filter(Exists(entries.filter(service__provider_id__in=granted)) | ~Exists(entries))


def product_orders_for(user: Any) -> QuerySet[ProductOrder]:
    """Return product orders at the providers a person is granted."""
    return _within(ProductOrder.objects.all(), user, "provider_id")


def open_services_for(user: Any) -> QuerySet[OpenService]:
    """Return what is open for programs at the providers a person is granted."""
    granted = granted_provider_ids(user)
    if granted is None:
        return OpenService.objects.all()
    return OpenService.objects.filter(Q(service__provider__in=granted) | Q(product__provider__in=granted))


def providers_for(user: Any) -> QuerySet[Provider]:
    """Return the providers a person is granted."""
    return _within(Provider.objects.all(), user, "pk")


def services_for(user: Any) -> QuerySet[Service]:
    """Return services of the providers a person is granted."""
    return _within(Service.objects.all(), user, "provider_id")


def may_order(person: Any) -> bool:
    """Return whether a person may still order, whatever they were allowed when they began."""
    return bool(person.is_active and person.has_perm("orders.add_order"))
