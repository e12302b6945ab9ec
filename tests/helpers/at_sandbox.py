"""Accounts and orders at the sandbox, for tests that talk to it over real HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orders.models import Order
from orders.submission.call_types import ORDERS
from orders.submission.services import send_due
from providers.models import Provider, Service

if TYPE_CHECKING:
    from providers.sandbox import Sandbox
    from providers.sandbox.books.records import Service as PanelService
    from providers.sandbox.panel import Panel

LONG = 7 * 24 * 3600.0


def join(box: Sandbox, slug: str, **fields: Any) -> Provider:
    """Return an account at one of the sandbox's panels, with a budget that does not slow a test down."""
    plain: dict[str, Any] = {
        "name": slug,
        "dialect": slug,
        "api_url": box.url(slug),
        "api_key": box.key(slug),
        "currency": box.panel(slug).document.currency,
        "requests_per_minute": 60_000,
    }
    return Provider.objects.create(**(plain | fields))


def pick_service(panel: Panel, kind: str = "Default", **wanted: Any) -> PanelService:
    """Return the panel's first service of a type with the attributes wanted."""
    return next(
        service
        for service in panel.services.values()
        if service.type == kind and all(getattr(service, name) == value for name, value in wanted.items())
    )


def list_service(provider: Provider, service: PanelService) -> Service:
    """Return a row of the panel's catalogue, as the hub keeps it."""
    made, _new = Service.objects.get_or_create(
        provider=provider,
        external_id=str(service.id),
        defaults={
            "name": service.name,
            "type": service.type.lower().replace(" ", "_"),
            "rate": service.rate,
            "min_quantity": service.minimum,
            "max_quantity": service.maximum,
            "refill": service.refill,
            "cancel": service.cancel,
        },
    )
    return made


def queue_order(service: Service, *, number: int = 1, **fields: Any) -> Order:
    """Return a queued order of the smallest quantity."""
    quantity = service.min_quantity or 1
    plain: dict[str, Any] = {
        "provider": service.provider,
        "service": service,
        "link": f"https://example.com/p/{number}",
        "quantity": quantity,
        "billed_quantity": quantity,
        "rate": service.rate,
        "expected_charge": service.rate * quantity / Decimal(1000),
        "currency": service.provider.currency,
    }
    return Order.objects.create(**(plain | fields))


def send_order(provider: Provider, service: Service, **fields: Any) -> Order:
    """Return an order that was sent, with its result."""
    order = queue_order(service, number=Order.objects.count(), **fields)
    send_due(provider, kinds=[ORDERS])
    order.refresh_from_db()
    return order


def place_directly(panel: Panel, service: PanelService, count: int) -> list[str]:
    """Return ids of orders that the panel has accepted, without a client."""
    before = set(panel.orders)
    for number in range(count):
        panel.receive(
            {
                "key": panel.key,
                "action": "add",
                "service": str(service.id),
                "link": f"https://example.com/direct/{number}",
                "quantity": str(service.minimum),
            }
        )
    return [str(number) for number in sorted(set(panel.orders) - before)]


def make_completed(box: Sandbox, provider: Provider, count: int) -> list[Order]:
    """Return orders of ours that the panel has completed, of a service with refills."""
    panel = box.panel(provider.dialect)
    panel.balance = 1_000_000
    offered = pick_service(panel, refill=True)
    service = list_service(provider, offered)
    ids = place_directly(panel, offered, count)
    panel.advance(LONG)
    return Order.objects.bulk_create(
        [
            Order(
                provider=provider,
                service=service,
                external_id=external_id,
                link="https://example.com/",
                quantity=offered.minimum,
                billed_quantity=offered.minimum,
                status="completed",
                currency=provider.currency,
            )
            for external_id in ids
        ]
    )


def calls_of(panel: Panel, action: str) -> list[Any]:
    """Return the requests of one action that a panel has read."""
    return [call for call in panel.requests if call.action == action]
