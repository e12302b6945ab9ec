"""Background work of polling: thin doors. Rows say what is due; a message only says that it is time to look."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from celery import shared_task

from orders.models import Order, ProductOrder
from orders.polling import services as polling_services
from orders.polling.subjects import ORDERS, PRODUCT_ORDERS, REFILLS, Tracked
from panelhub.background.dispatch import publish
from panelhub.background.jobs import job
from panelhub.background.pool import hand_over
from providers.models import Provider

SYNC_SECONDS = 60.0


@shared_task
def sync_statuses_due() -> None:
    """Have a worker poll each provider that has orders due."""
    _notify_due("orders.polling.tasks.sync_statuses", ORDERS)


@shared_task
def sync_statuses(provider_id: int) -> None:
    """Poll the due orders of one provider."""
    _hand_over("orders.polling.tasks.sync_statuses", provider_id, ORDERS)


@shared_task
def sync_refills_due() -> None:
    """Have a worker poll each provider that has refills due."""
    _notify_due("orders.polling.tasks.sync_refills", REFILLS)


@shared_task
def sync_refills(provider_id: int) -> None:
    """Poll the due refills of one provider."""
    _hand_over("orders.polling.tasks.sync_refills", provider_id, REFILLS)


@shared_task
def sync_product_orders_due() -> None:
    """Have a worker poll each provider that has product orders due."""
    _notify_due("orders.polling.tasks.sync_product_orders", PRODUCT_ORDERS)


@shared_task
def sync_product_orders(provider_id: int) -> None:
    """Poll the due product orders of one provider."""
    hand_over(
        "sync_product_orders",
        provider_id,
        partial(_sync, provider_id, "orders.polling.tasks.sync_product_orders", PRODUCT_ORDERS),
    )


@shared_task
def check_order(order_id: int) -> None:
    """Poll one order and its refills, on a person's request."""
    order = Order.objects.select_related("provider").filter(pk=order_id).first()
    if order is not None:
        work = partial(_check, partial(polling_services.check_now, order))
        hand_over(("check_order", order_id), order.provider_id, work, is_click=True)


@shared_task
def check_orders(provider_id: int, order_ids: list[int]) -> None:
    """Poll some orders of one provider, on a person's request."""
    provider = Provider.objects.active().filter(pk=provider_id).first()
    if provider is not None:
        orders = Order.objects.filter(provider=provider, pk__in=order_ids)
        work = partial(_check, partial(polling_services.check_orders_now, provider, orders))
        hand_over(("check_orders", order_ids[0]), provider_id, work, is_click=True)


@shared_task
def check_product_order(order_id: int) -> None:
    """Poll one product order, on a person's request."""
    order = ProductOrder.objects.select_related("provider").filter(pk=order_id).first()
    if order is not None:
        work = partial(_check, partial(polling_services.check_product_order_now, order))
        hand_over(("check_product_order", order_id), order.provider_id, work, is_click=True)


def _check(check: Callable[[], polling_services.Synced]) -> float | None:
    return check().again_in


def _notify_due(task: str, tracked: Tracked) -> None:
    for provider_id in polling_services.providers_due(tracked):
        publish(task, provider_id)


def _hand_over(task: str, provider_id: int, tracked: Tracked) -> None:
    hand_over(task, provider_id, partial(_sync, provider_id, task, tracked))


def _sync(provider_id: int, task: str, tracked: Tracked) -> float | None:
    provider = Provider.objects.active().filter(pk=provider_id).first()
    if provider is None:
        return None
    with job(tracked.job, provider=provider.name) as run:
        if run is None:
            return None
        synced = polling_services.sync_due(tracked, provider, seconds=SYNC_SECONDS)
        if synced.changed or synced.failure:
            run.count(asked=synced.asked, changed=synced.changed, unanswered=synced.missing, calls=synced.calls)
        if synced.failure:
            run.fail(synced.failure)
    if not synced.failure and synced.again_in is None and provider_id in polling_services.providers_due(tracked):
        publish(task, provider_id)
    return synced.again_in
