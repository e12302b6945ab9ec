"""Background work of product orders: thin doors, each looks in the database for what is due."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from celery import shared_task

from panelhub.background.pool import hand_over

if TYPE_CHECKING:
    from orders.models import ProductOrder

FETCH = "orders.products.tasks.fetch_goods"


@shared_task
def fetch_goods_due() -> None:
    """Have a worker fetch the goods from each provider that has delivered something."""
    from orders.products.goods import providers_with_due_goods
    from panelhub.background.dispatch import publish

    for provider_id in providers_with_due_goods():
        publish(FETCH, provider_id)


@shared_task
def fetch_goods(provider_id: int) -> None:
    """Fetch the goods that one provider has delivered."""
    hand_over("fetch_goods", provider_id, partial(_fetch, provider_id))


def _fetch(provider_id: int) -> float | None:
    from orders.products import goods
    from panelhub.background.jobs import job
    from providers.models import Provider

    provider = Provider.objects.active().filter(pk=provider_id).first()
    if provider is None:
        return None
    with job("fetch_goods", provider=provider.name) as run:
        if run is None:
            return None
        fetched = goods.fetch_due_goods(provider)
        run.count(asked=fetched.asked, delivered=fetched.delivered)
        if fetched.failure:
            run.fail(fetched.failure)
        return fetched.again_in


@shared_task
def check_product_order(order_id: int) -> None:
    """Poll one product order and, once it is delivered, fetch its goods, on a person's request."""
    from orders.models import ProductOrder

    order = ProductOrder.objects.select_related("provider").filter(pk=order_id).first()
    if order is not None:
        hand_over(("check_goods", order_id), order.provider_id, partial(_check, order), is_click=True)


def _check(order: ProductOrder) -> float | None:
    from orders.polling import services as polling_services
    from orders.products import goods
    from providers.calls.rate_limit import BudgetExhausted, CallPriority
    from providers.client.errors import ProviderError

    if again := polling_services.check_product_order_now(order).again_in:
        return again
    order.refresh_from_db(fields=["status", "remains", "moved_at"])
    if order.external_id and order.status in goods.DELIVERED and not order.goods_final:
        try:
            goods.fetch_goods(order, priority=CallPriority.CLICK)
        except BudgetExhausted as error:
            return error.seconds
        except ProviderError:
            # Stored as a record of the call; the background tries again.
            return None
    return None
