"""The providers a person works with, in one statement: for filters, for names in rows, and for what is visible."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from panelhub.audit.redaction import HIDDEN, Reader
from panelhub.audit.services import record
from panelhub.db.prepared import Prepared, as_decimal
from providers.hub_prices import READ, HubPrices, price_columns, read_prices
from providers.models import Provider

COLUMNS: Final = ("pk", "name", "is_sandbox", "is_active", "currency", "pause_kind", "balance")
# No key of a row is longer.
LONGEST_KEY: Final = 19
_CURRENCY: Final = COLUMNS.index("currency")
_RIGHTS: Final = ("granted", "every_client", "sees_all")


@dataclass(frozen=True, slots=True)
class Seen:
    """A provider as a list shows it: nothing of its key is ever loaded."""

    pk: int
    name: str
    is_sandbox: bool
    is_active: bool
    currency: str
    pause_kind: str
    balance: Decimal | None


@dataclass(frozen=True, slots=True)
class VisibleProviders:
    """The providers of one person, by key and in the order of their names; ``limited`` when some are hidden from them.

    ``clients`` are the keys of those whose orders the person sees; ``None`` for all.
    """

    providers: Mapping[int, Seen]
    limited: bool
    clients: frozenset[int] | None = None

    @property
    def sees_all_orders(self) -> bool:
        """Whether no order is hidden from the person."""
        return not self.limited and self.clients is None

    def narrow(self, queryset: Any, path: str = "provider_id") -> Any:
        """Return the rows of ``queryset`` that belong to these providers and, of what is for clients, to these."""
        if self.limited:
            queryset = queryset.filter(**{f"{path}__in": list(self.providers)})
        return queryset if self.clients is None else queryset.filter(for_clients(queryset.model, self.clients))


def for_clients(model: Any, clients: Any) -> Q:
    """Return a condition: rows of ``model`` that are for one of ``clients`` (keys, or a statement that finds them).

    ``CLIENT_PATHS`` of a model lead to its client; a model without them is for no client, and is not narrowed.
    """
    wanted = Q()
    for path in getattr(model, "CLIENT_PATHS", ()):
        wanted |= Q(**{f"{path}__in": clients})
    return wanted


def visible_providers(request: HttpRequest) -> VisibleProviders:
    """Return what the reader of ``request`` may see; looked up once per request."""
    known = getattr(request, "_visible_providers", None)
    if known is None:
        known = request._visible_providers = _load(request.user)  # type: ignore[attr-defined]
    return known


def seen_by(queryset: QuerySet[Provider], user: Any) -> QuerySet[Provider]:
    """Return the providers of ``queryset`` that a person sees, decided inside its own statement; for one or a few."""
    return queryset.filter(
        Exists(sees_all(user.pk)) | Q(pk__in=Provider.objects.filter(people__user=user.pk).values("pk"))
    )


def grant_to(provider: Provider, user: Any, request: HttpRequest) -> None:
    """Let whoever added ``provider`` see it, where they see some providers alone."""
    if sees_all(user.pk).exists():
        return
    people: Any = provider.people
    for person in people.model._default_manager.filter(user=user.pk):
        people.add(person)
        record(user, "person.changed", person, "providers", request=request, providers=["", str(provider)])


def sees_all(user_pk: int) -> QuerySet[Any]:
    """Return the account of a person, if they see every provider: by the flag, or as a superuser. For use in
    ``Exists``.
    """
    everybody = get_user_model()._default_manager
    return everybody.filter(Q(is_superuser=True) | Q(person__all_providers=True), pk=user_pk)


def sees_all_clients(user_pk: int) -> QuerySet[Any]:
    """Return the account of a person, if they see the orders of every client. For use in ``Exists``."""
    everybody = get_user_model()._default_manager
    return everybody.filter(Q(is_superuser=True) | Q(person__all_clients=True), pk=user_pk)


def is_limited_to_clients(user: Any) -> bool:
    """Return whether a person sees the orders of some clients alone."""
    known = getattr(user, "_granted_client_ids", ...)
    return not sees_all_clients(user.pk).exists() if known is ... else known is not None


def clients_of(user_pk: int) -> QuerySet[Any, Any]:
    """Return the keys of the clients chosen for a person."""
    everybody = get_user_model()._default_manager
    return everybody.filter(pk=user_pk, person__clients__isnull=False).values_list("person__clients", flat=True)


def prices_for(request: HttpRequest) -> HubPrices:
    """Return what the currencies of the visible providers are worth in the hub's currency."""
    if getattr(request, "_prices", None) is None:
        request._visible_providers, request._prices = _load_with_prices(request.user)  # type: ignore[attr-defined]
    prices: HubPrices = request._prices  # type: ignore[attr-defined]
    return prices


def _accounts_of(user_pk: int) -> QuerySet[Any, Any]:
    granted = Provider.objects.filter(pk=OuterRef("pk"), people__user=user_pk)
    visible = Provider.objects.order_by("name").annotate(
        granted=Exists(granted), every_client=Exists(sees_all_clients(user_pk)), sees_all=Exists(sees_all(user_pk))
    )
    return visible.values_list(*COLUMNS, *_RIGHTS)


def _accounts_with_prices_of(user_pk: int) -> QuerySet[Any, Any]:
    accounts: QuerySet[Any, Any] = _accounts_of(user_pk).annotate(**price_columns())
    return accounts.values_list(*COLUMNS, *_RIGHTS, *READ)


_ACCOUNTS: Final = Prepared(_accounts_of)
_WITH_PRICES: Final = Prepared(_accounts_with_prices_of)


def _load(user: Any) -> VisibleProviders:
    return _visible_from(user, _ACCOUNTS.rows_for(user.pk))


def _load_with_prices(user: Any) -> tuple[VisibleProviders, HubPrices]:
    rows = _WITH_PRICES.rows_for(user.pk)
    worths = len(READ)
    visible = _visible_from(user, [row[:-worths] for row in rows])
    return visible, read_prices((row[_CURRENCY], row[-worths:]) for row in rows)


def _visible_from(user: Any, rows: Sequence[tuple[Any, ...]]) -> VisibleProviders:
    # Where there is no provider yet, no row says whether the person would see it.
    sees_all_of_them = any(row[-1] for row in rows) if rows else sees_all(user.pk).exists()
    limited = not user.is_superuser and not sees_all_of_them
    sees_every_client = user.is_superuser or any(row[-2] for row in rows)
    clients = None if sees_every_client or not rows else frozenset(clients_of(user.pk))
    # The same answers in the words of `orders.permissions`, so that a page does not ask twice.
    user._granted_provider_ids = frozenset(row[0] for row in rows if row[-3]) if limited else None
    if rows:
        user._granted_client_ids = clients
    providers = {}
    for pk, name, is_sandbox, is_active, currency, pause_kind, balance, granted, _every_client, _sees_all in rows:
        if granted or not limited:
            providers[pk] = Seen(pk, name, bool(is_sandbox), bool(is_active), currency, pause_kind, as_decimal(balance))
    return VisibleProviders(providers, limited, clients)


VIEW_COST: Final = "orders.view_cost"


class CostBlindAdmin:
    """Leaves out the columns and fields in ``costs``, and refuses to look rows up, or sort them, by one of them."""

    costs: ClassVar[frozenset[str]] = frozenset()

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._without_costs(request, super().get_list_display(request))  # type: ignore[misc]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self._without_costs(request, super().get_list_filter(request))  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            (name, {**options, "fields": self._without_costs(request, options["fields"])})
            for name, options in super().get_fieldsets(request, obj)  # type: ignore[misc]
        ]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        left_out = super().get_exclude(request, obj) or ()  # type: ignore[misc]
        return left_out if request.user.has_perm(VIEW_COST) else (*left_out, *self.costs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._without_costs(request, super().get_readonly_fields(request, obj))  # type: ignore[misc]

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        if request is not None and not request.user.has_perm(VIEW_COST) and self.costs & set(lookup.split("__")):
            return False
        return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[misc]

    def _without_costs(self, request: HttpRequest, names: Any) -> Any:
        if request.user.has_perm(VIEW_COST):
            return names
        return tuple(name for name in names if name not in self.costs)


# --- The audit record and the jobs, as one person may see them -------------------------------------------------------

# From a row to its provider, the first that a model has; a provider is its own.
_PATHS: Final = ("provider", "service__provider", "product__provider", "order__provider", "product_order__provider")


def reader_of_audit(request: HttpRequest) -> Reader:
    """Return what the reader of ``request`` may see of the audit record."""
    visible = visible_providers(request)
    sees_cost = request.user.has_perm(VIEW_COST)
    if visible.sees_all_orders:
        return Reader(sees_cost=sees_cost)
    others = Provider.objects.exclude(pk__in=list(visible.providers)).values_list("name", flat=True)
    names = sorted(filter(None, others), key=len, reverse=True) if visible.limited else []
    pattern = re.compile("|".join(map(re.escape, names)), re.IGNORECASE) if names else None
    return Reader(
        sees_cost=sees_cost,
        names=frozenset(seen.name for seen in visible.providers.values()) if visible.limited else None,
        hides=partial(_hidden_rows, visible),
        strike=(lambda text: pattern.sub(HIDDEN, text)) if pattern else str,
    )


def _hidden_rows(visible: VisibleProviders, kind: str, ids: frozenset[str]) -> frozenset[str]:
    """Return the ids of rows of one kind that belong to providers which are hidden, or that are gone.

    Nothing says any more whose a deleted row was, so it counts as hidden; so does what names several services at once.
    """
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return frozenset()
    path = _path_to_provider(model)
    if path is None and not getattr(model, "CLIENT_PATHS", ()):
        return frozenset()
    keys = [pk for pk in ids if pk.isascii() and pk.isdecimal() and len(pk) < LONGEST_KEY]
    # What is for clients and at no provider is hidden by its client alone.
    limits = visible if path else replace(visible, limited=False)
    seen = limits.narrow(model._base_manager.filter(pk__in=keys), path or "").values_list("pk", flat=True)
    several = frozenset({""}) if model._meta.app_label != "providers" else frozenset()
    return ids - {str(pk) for pk in seen} - several


def _path_to_provider(model: Any) -> str | None:
    if model is Provider:
        return "pk"
    names = {field.name for field in model._meta.get_fields() if field.many_to_one or field.one_to_one}
    return next((f"{path}_id" for path in _PATHS if path.partition("__")[0] in names), None)
