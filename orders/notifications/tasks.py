"""Background work of notices: thin doors."""

from __future__ import annotations

from functools import partial

from celery import shared_task
from django.utils import timezone

from orders.models import Channel
from orders.notifications import delivery
from orders.notifications import services as notifications_services
from panelhub.background.jobs import job
from panelhub.background.pool import hand_over


@shared_task
def watch() -> None:
    """Find what people should be notified of, and notify them."""
    with job("watch") as run:
        if run is not None:
            run.count(**notifications_services.watch())
            run.count(**delivery.send_due())
            notifications_services.forget_old(timezone.now())


@shared_task
def try_channel(pk: int, email: str) -> None:
    """Send a test message over one channel; the result is shown next to the channel."""
    channel = Channel.objects.filter(pk=pk).first()
    if channel is not None:
        hand_over("try_channel", ("channel", pk), partial(_try, channel, email), is_click=True)


def _try(channel: Channel, email: str) -> None:
    delivery.try_channel(channel, email=email)
