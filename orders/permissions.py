"""Whose orders a person sees: objects are always fetched through these, never by key alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q

from orders.models import (
    Bundle,
    BundlePart,
    Chain,
    Client,
    OpenService,
    Order,
    Person,
    ProductOrder,
    Route,
    RouteService,
)
from providers.models import Provider, Service
from providers.permissions import clients_of, for_clients, sees_all, sees_all_clients

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet


def granted_provider_ids(user: Any) -> frozenset[int] | None:
    """Return ids of the providers a person is granted; ``None`` when they see all of them.

    Looked up once per user object, so a page queries the database once.
    """
    return _granted(user, "_granted_provider_ids")


def granted_client_ids(user: Any) -> frozenset[int] | None:
    """Return ids of the clients whose orders a person sees; ``None`` when they see all orders.

    Looked up once per user object, with their providers.
    """
    return _granted(user, "_granted_client_ids")


def _granted(user: Any, name: str) -> frozenset[int] | None:
    if not hasattr(user, name):
        providers, clients = (None, None) if user.is_superuser else _load_granted(user.pk)
        user._granted_provider_ids, user._granted_client_ids = providers, clients
    kept: frozenset[int] | None = getattr(user, name)
    return kept


def _load_granted(user_pk: int) -> tuple[frozenset[int] | None, frozenset[int] | None]:
    """Return the providers and the clients a person is granted, ``None`` for all; one statement, or two for a person
    who is limited to clients.
    """
    found = list(Person.objects.filter(user=user_pk).values_list("all_providers", "all_clients", "providers"))
    every_provider = any(sees_all for sees_all, _clients, _provider in found)
    providers = frozenset(provider for _sees_all, _clients, provider in found if provider is not None)
    every_client = any(sees_all for _providers, sees_all, _provider in found)
    clients = None if every_client else frozenset(clients_of(user_pk) if found else ())
    return None if every_provider else providers, clients


def sees_beyond(person: Any, actor: Any) -> bool:
    """Return whether ``person`` sees a provider, or a client's orders, that ``actor`` does not.

    An administrator who was never given a row of their own is not limited to providers: permissions alone count.
    """
    if not Person.objects.filter(user=actor.pk).exists():
        return False
    mine = (granted_provider_ids(actor), granted_client_ids(actor))
    pairs = zip(mine, _load_granted(person.pk), strict=True)
    return any(own is not None and (theirs is None or not theirs <= own) for own, theirs in pairs)


def seen_by(queryset: QuerySet[Any], user: Any, *, path: str = "provider_id") -> QuerySet[Any]:
    """Return the rows of ``queryset`` that a person sees, decided inside its own statement; ``path`` leads to the
    provider.

    For one row or a few: over a long list the ids of :func:`granted_provider_ids` serve the indexes better.
    """
    known = getattr(user, "_granted_provider_ids", ...)
    if known is ...:
        queryset = queryset.filter(granted_to(user.pk, path))
    elif known is not None:
        queryset = queryset.filter(**{f"{path}__in": known})
    clients = getattr(user, "_granted_client_ids", ...)
    if clients is None or not getattr(queryset.model, "CLIENT_PATHS", ()):
        return queryset
    if clients is not ...:
        return queryset.filter(for_clients(queryset.model, clients))
    return queryset.filter(Q(Exists(sees_all_clients(user.pk))) | for_clients(queryset.model, clients_of(user.pk)))


def granted_to(user_pk: int, path: str) -> Q:
    """Return a condition for a statement: the person sees the provider at ``path``."""
    chosen = Person.providers.through.objects.filter(person__user_id=user_pk)
    return Q(Exists(sees_all(user_pk))) | Q(**{f"{path}__in": chosen.values("provider_id")})


def _within(queryset: QuerySet[Any], user: Any, path: str) -> QuerySet[Any]:
    granted = granted_provider_ids(user)
    return queryset if granted is None else queryset.filter(**{f"{path}__in": granted})


def _of_clients(queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
    granted = granted_client_ids(user)
    return queryset if granted is None else queryset.filter(for_clients(queryset.model, granted))


def orders_for(user: Any) -> QuerySet[Order]:
    """Return orders at the providers a person is granted, for the clients they are granted."""
    return _of_clients(_within(Order.objects.all(), user, "provider_id"), user)


def chains_for(user: Any) -> QuerySet[Chain]:
    """Return chains with at least one order that a person sees."""
    if granted_provider_ids(user) is None and granted_client_ids(user) is None:
        return Chain.objects.all()
    return Chain.objects.filter(Exists(orders_for(user).filter(chain=OuterRef("pk"))))


def routes_for(user: Any) -> QuerySet[Route]:
    """Return routes with a service at a provider that a person is granted, and those without any service."""
    granted = granted_provider_ids(user)
    if granted is None:
        return Route.objects.all()
    entries = RouteService.objects.filter(route=OuterRef("pk"))
    return Route.objects.filter(Exists(entries.filter(service__provider_id__in=granted)) | ~Exists(entries))


def product_orders_for(user: Any) -> QuerySet[ProductOrder]:
    """Return product orders at the providers a person is granted, for the clients they are granted."""
    return _of_clients(_within(ProductOrder.objects.all(), user, "provider_id"), user)


def may_see_client(user: Any, client_id: int | None) -> bool:
    """Return whether a person sees the orders of a client, or with ``None`` those without one; the hub sees all."""
    granted = None if user is None else granted_client_ids(user)
    return granted is None or client_id in granted


def clients_by_reader(readers: Sequence[int]) -> Callable[[int, int | None], bool]:
    """Return which of ``readers`` (keys of people) see the orders of a client; two statements for all of them."""
    people = get_user_model()._default_manager.filter(pk__in=readers)
    every = set(people.filter(Q(is_superuser=True) | Q(person__all_clients=True)).values_list("pk", flat=True))
    through = Person.clients.through.objects.filter(person__user__in=readers)
    chosen = set(through.values_list("person__user_id", "client_id"))
    return lambda reader, client: reader in every or (reader, client) in chosen


def clients_for(user: Any) -> QuerySet[Client]:
    """Return the clients a person is granted."""
    return _of_clients(Client.objects.all(), user)


def open_services_for(user: Any) -> QuerySet[OpenService]:
    """Return what is open for programs at the providers a person is granted."""
    granted = granted_provider_ids(user)
    if granted is None:
        return OpenService.objects.all()
    return OpenService.objects.filter(Q(service__provider__in=granted) | Q(product__provider__in=granted))


def bundles_for(user: Any) -> QuerySet[Bundle]:
    """Return the bundles of which a person is granted the provider of every part."""
    granted = granted_provider_ids(user)
    if granted is None:
        return Bundle.objects.all()
    elsewhere = BundlePart.objects.filter(bundle=OuterRef("pk")).exclude(service__provider__in=granted)
    return Bundle.objects.filter(~Exists(elsewhere))


def providers_for(user: Any) -> QuerySet[Provider]:
    """Return the providers a person is granted."""
    return _within(Provider.objects.all(), user, "pk")


def services_for(user: Any) -> QuerySet[Service]:
    """Return services of the providers a person is granted."""
    return _within(Service.objects.all(), user, "provider_id")


def may_order(person: Any) -> bool:
    """Return whether a person may still order, whatever they were allowed when they began."""
    return bool(person.is_active and person.has_perm("orders.add_order"))
