"""History models: the records of every try and every change."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.aftercare import Cancellation, Refill
from orders.models.order import Order
from orders.models.product_order import ProductOrder
from panelhub.db.ids import new_id
from providers.models import MONEY, Provider


class Attempt(models.Model):
    """One try of one paid call: written before the call, completed after it.

    Rows that went out in one request share ``call``. ``payload`` holds the wire parameters
    without the key and without what a buyer handed over.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("on its way")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("rejected")
        POSTPONED = "postponed", _("not accepted, will retry")
        NOT_SENT = "not_sent", _("never sent")
        UNKNOWN = "unknown", _("unknown")

    call = models.UUIDField(default=new_id, db_index=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False, related_name="attempts")
    action = models.CharField(max_length=40)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts")
    refill = models.ForeignKey(Refill, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts")
    cancellation = models.ForeignKey(
        Cancellation, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts"
    )
    product_order = models.ForeignKey(
        ProductOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    payload = models.JSONField(default=dict)
    payload_hash = models.CharField(max_length=64, blank=True, default="")
    outcome = models.CharField(max_length=12, blank=True, default="", choices=Outcome.choices)
    # What a refusal is about (`OrderProblem`); "" where it is not a listed refusal.
    problem = models.CharField(max_length=12, blank=True, default="", db_default="", editable=False)
    detail = models.CharField(max_length=1000, blank=True, default="")
    http_status = models.PositiveIntegerField(null=True, blank=True)
    excerpt = models.TextField(blank=True, default="")
    seen_id = models.CharField(max_length=100, blank=True, default="")
    late_id = models.CharField(max_length=100, blank=True, default="")
    seconds = models.FloatField(null=True, blank=True)
    balance_before = models.DecimalField(null=True, blank=True, **MONEY)
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    balance_before_at = models.DateTimeField(null=True, blank=True)

    CLIENT_PATHS: ClassVar = (
        *("order__client_id", "refill__order__client_id"),
        *("cancellation__order__client_id", "product_order__client_id"),
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(
                    Q(order__isnull=False, refill__isnull=True, cancellation__isnull=True, product_order__isnull=True)
                    | Q(order__isnull=True, refill__isnull=False, cancellation__isnull=True, product_order__isnull=True)
                    | Q(order__isnull=True, refill__isnull=True, cancellation__isnull=False, product_order__isnull=True)
                    | Q(order__isnull=True, refill__isnull=True, cancellation__isnull=True, product_order__isnull=False)
                ),
                name="attempt_has_one_subject",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "started_at"], name="attempt_by_time"),
            models.Index(fields=["id"], condition=~Q(late_id=""), name="attempt_late"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome or 'open'}"


class OrderEvent(models.Model):
    """One line of a timeline; ``words`` are the provider's own, ``actor`` is empty for the hub."""

    class Kind(models.TextChoices):
        CREATED = "created", _("created")
        STATE = "state", _("state")
        ATTEMPT = "attempt", _("attempt")
        CHARGE = "charge", _("charge")
        REFILL = "refill", _("refill")
        CANCEL = "cancel", _("cancel")
        SETTLED = "settled", _("settled")
        REOPENED = "reopened", _("reopened")
        NOTE = "note", _("note")
        GOODS = "goods", _("goods")
        WARNING = "warning", _("warning")

    # A status sync writes hundreds of these a second: only the indexes below, and those without empty entries.
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.CASCADE, db_index=False, related_name="events"
    )
    product_order = models.ForeignKey(
        ProductOrder, null=True, blank=True, on_delete=models.CASCADE, db_index=False, related_name="events"
    )
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    before = models.CharField(max_length=20, blank=True, default="")
    after = models.CharField(max_length=20, blank=True, default="")
    words = models.CharField(max_length=1000, blank=True, default="")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["order", "id"], condition=Q(order__isnull=False), name="event_of_order"),
            models.Index(
                fields=["product_order", "id"], condition=Q(product_order__isnull=False), name="event_of_product_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.before}→{self.after}"
