"""Many orders from one paste or file."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.client import ForClient
from orders.models.order import Order
from panelhub.db.ids import new_id
from providers.models import MONEY, Provider, Service


class MassOrder(ForClient):
    """Many orders from one paste or file; its lines are checked before anything is sent."""

    class Status(models.TextChoices):
        CHECKING = "checking", _("being checked")
        READY = "ready", _("checked")
        PLACING = "placing", _("being placed")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")
        WITHDRAWN = "withdrawn", _("withdrawn")

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="mass_orders"
    )
    created_at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200, blank=True, default="")
    body_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CHECKING)
    total = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)
    placed = models.PositiveIntegerField(default=0)
    summary = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["client"], condition=Q(client__isnull=False), name="mass_order_of_client"),
        ]

    def __str__(self) -> str:
        return self.name or f"mass order {self.pk}"


class MassLine(models.Model):
    """One line of a mass order with its fault, if it has one, and the order it became."""

    mass_order = models.ForeignKey(MassOrder, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True, default="")
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    route = models.ForeignKey(
        "Route", null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    link = models.CharField(max_length=2000, blank=True, default="")
    quantity = models.BigIntegerField(null=True, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    expected_charge = models.DecimalField(null=True, blank=True, **MONEY)
    # Lines of one bundle have the number of their first line here: they are ordered together or not at all.
    part_of = models.PositiveIntegerField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True, default="")
    warning = models.CharField(max_length=300, blank=True, default="")
    order = models.OneToOneField(Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="mass_line")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mass_order", "number"], name="mass_line_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["mass_order", "number"], condition=Q(order__isnull=True, fault=""), name="mass_line_to_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mass_order_id}:{self.number}"
