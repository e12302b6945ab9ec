"""Save a route with its services; what the editor does not see of it stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from orders.models import Chain, Route, RouteService
from orders.permissions import granted_provider_ids, services_for
from orders.routes.forms import RouteForm
from panelhub import audit
from providers.models import Service


def save_route(form: RouteForm, services: Sequence[Service], *, by: Any, request: HttpRequest | None = None) -> Route:
    """Save a valid form with ``services`` in their order; those that ``by`` does not see follow in theirs."""
    with transaction.atomic():
        is_new = form.instance._state.adding
        if is_new:
            form.instance.created_by = by
        else:
            Route.objects.select_for_update().get(pk=form.instance.pk)
        route = form.save()
        chosen = [service.pk for service in services]
        wanted = [*chosen, *(pk for pk in _unseen(route, by) if pk not in chosen)]
        before = list(
            RouteService.objects.filter(route=route).order_by("position").values_list("service_id", flat=True)
        )
        if before != wanted:
            RouteService.objects.filter(route=route).delete()
            RouteService.objects.bulk_create(
                RouteService(route=route, service_id=pk, position=position) for position, pk in enumerate(wanted, 1)
            )
        changed = [*form.changed_data, *(["services"] if before != wanted else [])]
        if is_new or changed:
            action = "route.added" if is_new else "route.changed"
            audit.record(by, action, route, ", ".join(changed), request, services=wanted)
    return route


def count_unseen(route: Route, person: Any) -> int:
    """Return how many services of a route are at providers that a person is not granted."""
    return len(_unseen(route, person))


def _unseen(route: Route, person: Any) -> list[int]:
    granted = granted_provider_ids(person)
    if granted is None or route.pk is None:
        return []
    entries = RouteService.objects.filter(route=route).exclude(service__provider_id__in=granted)
    return list(entries.order_by("position").values_list("service_id", flat=True))


def delete_route(route: Route, *, by: Any, request: HttpRequest | None = None) -> bool:
    """Delete a route that nothing was ordered through; ``False`` when something was."""
    with transaction.atomic():
        current = Route.objects.select_for_update().get(pk=route.pk)
        if Chain.objects.filter(route=current).exists():
            return False
        audit.record(by, "route.deleted", current, current.name, request)
        current.delete()
    return True


def load_services(keys: Collection[int], person: Any) -> list[Service]:
    """Return the services with these keys that a person sees, in the order of the keys; one statement."""
    visible = services_for(person).select_related("provider", "measured").defer("provider__api_key", "search_text")
    found = {service.pk: service for service in visible.filter(pk__in=keys)}
    return [found[pk] for pk in dict.fromkeys(keys) if pk in found]
