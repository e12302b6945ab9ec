"""Orders that take too long, and tickets: what people wrote to a provider about orders."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from providers.models import Provider


class SlowOrder(models.Model):
    """An open order that takes longer than its service usually does, or (without ``usual_seconds``) stands still."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="slow")
    since = models.DateTimeField(default=timezone.now)
    usual_seconds = models.FloatField(null=True, blank=True)

    CLIENT_PATHS: ClassVar = ("order__client_id",)

    def __str__(self) -> str:
        return f"slow {self.order_id}"


class Ticket(models.Model):
    """One text to one provider's support about orders: their ids and what is requested.

    ``remind_at`` is when the person who wrote it is reminded, unless it was answered.
    """

    class Kind(models.TextChoices):
        SPEED_UP = "speed_up", _("Speed up")
        CANCEL = "cancel", _("Cancel")
        REFILL = "refill", _("Refill")
        NOT_DELIVERED = "not_delivered", _("Completed but not delivered")

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False, related_name="tickets")
    kind = models.CharField(_("request"), max_length=20, choices=Kind.choices)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="tickets"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    form_token = models.UUIDField(default=uuid.uuid4, editable=False)
    remind_at = models.DateTimeField(_("reminder"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    answer = models.CharField(_("answer"), max_length=1000, blank=True, default="")
    orders: models.ManyToManyField[Order, models.Model] = models.ManyToManyField(
        Order, through="TicketOrder", related_name="tickets"
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form_token", "provider"], name="ticket_once_per_form"),
            models.CheckConstraint(
                condition=Q(kind__in=["speed_up", "cancel", "refill", "not_delivered"]), name="ticket_kind_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "-id"], name="ticket_by_provider"),
            models.Index(fields=["-id"], condition=Q(answered_at__isnull=True), name="ticket_open"),
            models.Index(fields=["remind_at"], condition=Q(answered_at__isnull=True), name="ticket_to_remind"),
        ]

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class TicketOrder(models.Model):
    """One order that a ticket is about."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, db_index=False, related_name="entries")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="ticket_entries")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "order"], name="ticket_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.order_id}"
