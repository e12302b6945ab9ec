"""What is requested after the sale: refills and cancellations."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders import statuses
from orders.models.base import HAS_ID, PaidCall
from orders.models.order import Order


class Refill(PaidCall):
    """A request to deliver again what dropped; ``pending`` without an id cannot be tracked."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refills")
    status = models.CharField(
        _("status"), max_length=20, choices=statuses.RefillStatus.choices, default=statuses.RefillStatus.QUEUED
    )
    unknown_answers = models.PositiveSmallIntegerField(default=0)

    CLIENT_PATHS: ClassVar = ("order__client_id",)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("refill")
        verbose_name_plural = _("refills")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=statuses.RefillStatus.values), name="refill_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status=statuses.SENDING) | Q(claim__isnull=False), name="refill_sending_has_claim"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=[statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED]),
                name="one_refill_on_its_way",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["order", "-id"], name="refill_by_order"),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="refill_by_request"),
            models.Index(fields=["external_id"], condition=HAS_ID, name="refill_by_id"),
            models.Index(
                fields=["status", "id"],
                condition=Q(status__in=["queued", "sending", "unconfirmed", "pending", "in_progress"]),
                name="refill_open",
            ),
        ]

    def __str__(self) -> str:
        return f"refill {self.pk} of {self.order_id}"


class Cancellation(PaidCall):
    """A request to cancel; its outcome is the order's own status."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="cancellations")
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=statuses.CancellationStatus.choices,
        default=statuses.CancellationStatus.QUEUED,
    )

    CLIENT_PATHS: ClassVar = ("order__client_id",)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=statuses.CancellationStatus.values), name="cancellation_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=statuses.SENDING) | Q(claim__isnull=False),
                name="cancellation_sending_has_claim",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=[statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED]),
                name="one_cancellation_on_its_way",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["order", "-id"], name="cancellation_by_order"),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="cancellation_by_request"),
            models.Index(fields=["external_id"], condition=HAS_ID, name="cancellation_by_id"),
            models.Index(
                fields=["status", "id"],
                condition=Q(status__in=["queued", "sending", "unconfirmed"]),
                name="cancellation_open",
            ),
        ]

    def __str__(self) -> str:
        return f"cancellation {self.pk} of {self.order_id}"
