"""Refill care: how long the refill of an order lasts, and the rule that requests one again and again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class RefillWindow(models.Model):
    """How long an order can be refilled, counted from its completion.

    ``days`` is empty for a lifetime; it is the service's unless a person set it (``set_by``). ``ends_at`` is empty for
    a lifetime, and before the completion. With ``every_days`` the hub requests a refill again and again as ``rule_by``,
    next at ``request_at``; ``rule_note`` is what came of the last time, or why the rule stopped.
    """

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="refill_window")
    days = models.PositiveIntegerField(_("refill, days"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    counted_from = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    every_days = models.PositiveSmallIntegerField(_("request every, days"), null=True, blank=True)
    rule_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    request_at = models.DateTimeField(null=True, blank=True)
    rule_note = models.CharField(max_length=300, blank=True, default="")

    CLIENT_PATHS: ClassVar = ("order__client_id",)

    class Meta:
        verbose_name = _("refill window")
        verbose_name_plural = _("refill windows")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(every_days__isnull=True) | Q(every_days__gte=1), name="refill_rule_days"
            ),
            models.CheckConstraint(
                condition=Q(every_days__isnull=True) | Q(rule_by__isnull=False), name="refill_rule_has_a_person"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ends_at"], condition=Q(ends_at__isnull=False), name="refill_window_by_end"),
            models.Index(fields=["request_at"], condition=Q(every_days__isnull=False), name="refill_rule_due"),
        ]

    def __str__(self) -> str:
        return f"refill of {self.order_id}"

    @property
    def is_lifetime(self) -> bool:
        """Whether it never ends."""
        return self.days is None

    def count_from(self, completed_at: datetime | None) -> None:
        """Count the days from a completion; ``None`` while the order isn't complete."""
        self.counted_from = completed_at
        self.ends_at = None
        if completed_at is not None and self.days is not None:
            self.ends_at = completed_at + timedelta(days=self.days)

    def is_open(self, now: datetime) -> bool:
        """Return whether a refill can be requested at ``now``, as far as the window goes."""
        return self.counted_from is not None and (self.is_lifetime or (self.ends_at is not None and now < self.ends_at))


class RefillMark(models.Model):
    """Up to which line of the timeline the refill windows are counted; the one row with key 1."""

    event_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="one_refill_mark")]

    def __str__(self) -> str:
        return str(self.event_id)
