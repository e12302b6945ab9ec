"""Background work of submission: thin doors. Rows say what is due; a message only says that it is time to look."""

from __future__ import annotations

from functools import partial

from celery import shared_task

from orders.submission import runner, sweeper
from orders.submission import services as submission_services
from panelhub.background.dispatch import publish
from panelhub.background.pool import hand_over
from panelhub.schedule import CLICKS


@shared_task
def submit_due() -> None:
    """Have a worker send for each provider that has something queued and may be called."""
    for provider_id in submission_services.providers_with_due_work():
        publish("orders.submission.tasks.submit_provider", provider_id, queue=CLICKS)


@shared_task
def submit_provider(provider_id: int) -> None:
    """Send what is queued for one provider."""
    work = partial(runner.submit_in_turn, provider_id)
    hand_over(runner.TASK, provider_id, work, is_click=True, most=len(runner.SENDERS))


@shared_task
def sweep() -> None:
    """Turn calls whose outcome was never recorded into unconfirmed ones."""
    sweeper.sweep()
