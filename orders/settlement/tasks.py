"""Background work of settling and reconciling: thin doors, each looks in the database for what is due."""

from __future__ import annotations

from celery import shared_task


@shared_task
def settle_due() -> None:
    """Start the searches that are due, and ask again about adoptions that wait."""
    from orders.settlement import adoption, search_jobs
    from panelhub.background.dispatch import publish
    from panelhub.schedule import CLICKS

    for provider_id in search_jobs.start_due_searches():
        publish(search_jobs.TASK, provider_id)
    for settlement_id in adoption.due_adoptions():
        publish(adoption.TASK, settlement_id, queue=CLICKS)


@shared_task
def search_window(order_id: int) -> None:
    """Search among the neighbouring ids of one unconfirmed order."""
    from orders.models import Order
    from orders.settlement import search_jobs

    order = Order.objects.select_related("provider").filter(pk=order_id).first()
    if order is not None:
        search_jobs.ask_for_search(order)
        search_jobs.run_searches(order.provider)


@shared_task
def run_searches(provider_id: int) -> None:
    """Do the open searches of one provider."""
    from orders.settlement import search_jobs
    from providers.models import Provider

    provider = Provider.objects.filter(pk=provider_id).first()
    if provider is not None:
        search_jobs.run_searches(provider)


@shared_task
def confirm_adoption(settlement_id: int) -> None:
    """Ask the provider about the id of a waiting adoption, and finish it."""
    from orders.settlement import adoption

    adoption.confirm(settlement_id)
