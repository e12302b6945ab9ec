"""Background work of settling and reconciling: thin doors, each looks in the database for what is due."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from celery import shared_task

from panelhub.background.pool import hand_over


@shared_task
def settle_due() -> None:
    """Start the searches and balance readings that are due, and retry waiting adoptions."""
    from orders.settlement import adoption, balance_checks, id_confirmation, search_jobs
    from panelhub.background.dispatch import publish
    from panelhub.schedule import CLICKS

    for provider_id in search_jobs.start_due_searches():
        publish(search_jobs.TASK, provider_id)
    for provider_id in balance_checks.providers_due():
        publish(balance_checks.TASK, provider_id)
    for settlement_id in id_confirmation.due_adoptions():
        publish(adoption.TASK, settlement_id, queue=CLICKS)


@shared_task
def search_window(order_id: int) -> None:
    """Search among the neighbouring ids of one unconfirmed order."""
    from orders.models import Order
    from orders.settlement import search_jobs

    order = Order.objects.select_related("provider").filter(pk=order_id).first()
    if order is not None:
        search_jobs.ask_for_search(order)
        hand_over("run_searches", order.provider_id, partial(_search, order.provider_id))


@shared_task
def run_searches(provider_id: int) -> None:
    """Do the open searches of one provider."""
    hand_over("run_searches", provider_id, partial(_search, provider_id))


def _search(provider_id: int) -> None:
    from orders.settlement import search_jobs
    from providers.models import Provider

    provider = Provider.objects.filter(pk=provider_id).first()
    if provider is not None:
        search_jobs.run_searches(provider)


@shared_task
def check_balances(provider_id: int) -> None:
    """Take the readings of the balance that are due at one provider, and settle what they prove."""
    from orders.settlement import balance_checks
    from providers.models import Provider

    provider = Provider.objects.filter(pk=provider_id).first()
    if provider is not None:
        balance_checks.run_checks(provider)


@shared_task
def confirm_adoption(settlement_id: int) -> None:
    """Check the id of a waiting adoption with the provider, and finish it."""
    from orders.models import Settlement
    from orders.settlement import id_confirmation

    provider_id = Settlement.objects.filter(pk=settlement_id).values_list("provider_id", flat=True).first()
    work = partial(_confirm, id_confirmation.confirm, settlement_id)
    hand_over(("confirm_adoption", settlement_id), provider_id, work, is_click=True)


def _confirm(confirm: Callable[[int], object], settlement_id: int) -> None:
    confirm(settlement_id)


@shared_task
def check_lost_batch(call: str) -> None:
    """Poll the orders whose refills or cancels were in one batch without a reply."""
    from orders.settlement import lost_batches

    provider = lost_batches.provider_of_call(call)
    if provider is not None:
        hand_over(("check_lost_batch", call), provider.pk, partial(lost_batches.check_orders, call), is_click=True)
