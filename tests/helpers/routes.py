"""Routes and chains for tests: a route over several providers, a chain through it, and what providers say of links."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from orders.models import Attempt, Chain, Order, Route, RouteService
from orders.polling.order_updates import apply_statuses, read_rows
from orders.routes.services import place_chain
from providers.client.types import StatusRow
from tests.helpers.makers import make_person, make_service
from tests.helpers.time_passing import pass_time

if TYPE_CHECKING:
    from providers.models import Service

LINK = "https://instagram.com/some.body"


def make_route(*services: Service, **fields: Any) -> Route:
    """Return a route over these services, or over three of 0.90 at three providers."""
    chosen = services or tuple(make_service() for _number in range(3))
    route = Route.objects.create(**({"name": f"Route {Route.objects.count() + 1}"} | fields))
    RouteService.objects.bulk_create(
        [RouteService(route=route, service=one, position=place) for place, one in enumerate(chosen, 1)]
    )
    return route


def make_chain(route: Route | None = None, **fields: Any) -> Chain:
    """Return a chain of 1,000 with its first order queued; its ceiling is 5 unless one is given."""
    user = fields.pop("user", None) or make_person("orders.add_order", "orders.view_order")
    plain: dict[str, Any] = {"link": LINK, "quantity": 1_000, "ceiling": Decimal(5)}
    return place_chain(user=user, route=route or make_route(), **(plain | fields))


def links_of(chain: Chain) -> list[Order]:
    """Return the orders of a chain, as they stand."""
    return list(Order.objects.filter(chain=chain).order_by("position"))


def last_of(chain: Chain) -> Order:
    """Return the last order of a chain."""
    return links_of(chain)[-1]


def refuse(link: Order, *, problem: str = "service", outcome: str = "refused") -> Attempt:
    """Let a try of an order end refused, with a listed refusal about ``problem``."""
    now = timezone.now()
    Order.objects.filter(pk=link.pk).update(status="rejected", error="no", finished_at=now)
    return Attempt.objects.create(
        order=link, provider=link.provider, action="add", outcome=outcome, problem=problem, finished_at=now
    )


def accept(link: Order, **fields: Any) -> Order:
    """Let the provider accept an order."""
    plain = {"status": "in_progress", "external_id": str(10_000 + link.pk), "placed_at": timezone.now()}
    Order.objects.filter(pk=link.pk).update(**(plain | fields))
    Attempt.objects.create(
        order=link, provider=link.provider, action="add", outcome="accepted", finished_at=timezone.now()
    )
    link.refresh_from_db()
    return link


def answer(link: Order, status: str, *, remains: int | None = None, charge: str | None = None) -> None:
    """Let the provider answer a poll about an order, as the hub writes it down."""
    rows = read_rows(Order.objects.filter(pk=link.pk))
    said = StatusRow(
        status=status,
        word=status.title(),
        charge=None if charge is None else Decimal(charge),
        start_count=None,
        remains=remains,
        currency="",
    )
    apply_statuses(link.provider, rows, {str(rows[0][1]): said}, now=timezone.now())
    link.refresh_from_db()


def end_partial(chain: Chain, *, remains: int = 400, status: str = "partial") -> Order:
    """Let the last order deliver a part, said twice, more than ten minutes apart."""
    link = accept(last_of(chain))
    answer(link, status, remains=remains, charge="0.54")
    pass_time(11)
    answer(link, status, remains=remains, charge="0.54")
    return link


def reason_of(chain: Chain) -> tuple[str, str]:
    """Return the state of a chain, and what it is held for."""
    chain.refresh_from_db()
    return chain.status, chain.reason
