"""Money as it was charged, entered and added up."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from orders.models.product_order import ProductOrder
from providers.models import MONEY, Provider


class ChargeDelta(models.Model):
    """A change of an order's reported charge, dated when it was seen; never edited."""

    # A status sync writes hundreds of these a second: only the indexes below, and those without empty entries.
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False, related_name="charge_deltas")
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.CASCADE, db_index=False, related_name="charge_deltas"
    )
    product_order = models.ForeignKey(
        ProductOrder, null=True, blank=True, on_delete=models.CASCADE, db_index=False, related_name="charge_deltas"
    )
    at = models.DateTimeField(default=timezone.now)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["provider", "at"], name="charge_by_time"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="charge_of_order"),
            models.Index(
                fields=["product_order"], condition=Q(product_order__isnull=False), name="charge_of_product_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class LedgerEntry(models.Model):
    """Money that moved outside orders: a top-up or an adjustment, entered or recognised."""

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("top-up")
        ADJUSTMENT = "adjustment", _("adjustment")

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="ledger_entries")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=10, blank=True, default="")
    text = models.CharField(max_length=300, blank=True, default="")
    recognised = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["provider", "at"], name="ledger_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"


class DailyTotal(models.Model):
    """Rollup for the dashboard: one row per day, provider, person and state."""

    day = models.DateField()
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    status = models.CharField(max_length=20)
    orders = models.IntegerField(default=0)
    charge = models.DecimalField(default=0, **MONEY)
    expected = models.DecimalField(default=0, **MONEY)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "provider", "person", "status"], name="daily_total_once"),
            models.UniqueConstraint(
                fields=["day", "provider", "status"], condition=Q(person__isnull=True), name="daily_total_hub_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.provider_id} {self.status}: {self.orders}"


class ProviderDay(models.Model):
    """Rollup for the dashboard: a provider's orders made on a day, by state; ``delivery_seconds`` of ``delivered``."""

    day = models.DateField()
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False, related_name="+")
    status = models.CharField(max_length=20)
    orders = models.IntegerField(default=0)
    charge = models.DecimalField(default=0, **MONEY)
    delivered = models.IntegerField(default=0)
    delivery_seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "provider", "status"], name="provider_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.provider_id} {self.status}: {self.orders}"


class PersonDay(models.Model):
    """Rollup for the dashboard: what a person ordered on a day at all providers of one currency."""

    day = models.DateField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    currency = models.CharField(max_length=10, blank=True, default="")
    orders = models.IntegerField(default=0)
    charge = models.DecimalField(default=0, **MONEY)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "person", "currency"], name="person_day_once"),
            models.UniqueConstraint(
                fields=["day", "currency"], condition=Q(person__isnull=True), name="person_day_hub_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.person_id} {self.currency}: {self.orders}"
