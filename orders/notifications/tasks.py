"""Background work of notices: thin doors."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from orders.models import Channel
from orders.notifications import delivery
from orders.notifications import services as notifications_services
from panelhub.background.jobs import job


@shared_task
def watch() -> None:
    """Look for what is worth telling, and tell it."""
    with job("watch") as run:
        if run is not None:
            run.count(**notifications_services.watch())
            run.count(**delivery.send_due())
            notifications_services.forget_old(timezone.now())


@shared_task
def try_channel(pk: int, email: str) -> None:
    """Send a greeting over one channel; how it went stands beside the channel."""
    channel = Channel.objects.filter(pk=pk).first()
    if channel is not None:
        delivery.try_channel(channel, email=email)
