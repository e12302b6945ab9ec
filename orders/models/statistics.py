"""How providers and services did on the last orders, worked out by a job so that pages only read it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models import Provider, Service


class Quality(models.Model):
    """Figures over the last orders: times in seconds, shares between 0 and 1."""

    at = models.DateTimeField(default=timezone.now)
    orders = models.PositiveIntegerField(default=0)
    seconds_to_start = models.FloatField(null=True, blank=True)
    seconds_to_finish = models.FloatField(null=True, blank=True)
    completed = models.FloatField(default=0.0)
    partial = models.FloatField(default=0.0)
    canceled = models.FloatField(default=0.0)

    class Meta:
        abstract = True


class ProviderQuality(Quality):
    """How a provider did on its last finished orders."""

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, related_name="quality")
    refilled = models.FloatField(default=0.0)
    refills = models.PositiveIntegerField(default=0, db_default=0)
    refills_completed = models.PositiveIntegerField(default=0, db_default=0)
    price_ratio = models.FloatField(
        null=True, blank=True, help_text=_("Median of its cheapest prices over the cheapest of all providers.")
    )

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.orders}"


class ServiceQuality(Quality):
    """How a service did on its last finished orders."""

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="measured")
    sureness = models.FloatField(
        default=0.0,
        db_default=0.0,
        help_text=_("Lowest completion rate to expect from this many orders."),
    )

    def __str__(self) -> str:
        return f"{self.service_id}: {self.orders}"


class RollupMark(models.Model):
    """Up to which line of the timeline the daily totals are worked out; the one row with key 1."""

    event_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_rollup_mark")]

    def __str__(self) -> str:
        return str(self.event_id)
