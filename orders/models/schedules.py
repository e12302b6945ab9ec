"""Schedules: orders that are made later, spread over days or again and again, and each time that came."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.client import ForClient
from orders.models.order import Order
from panelhub.db.ids import new_id
from panelhub.http.request_id import current_id
from providers.models import MONEY, Provider, Service

GRACE_HOURS: Final = 6


class Schedule(ForClient):
    """Orders of one service that are made at local times, as the person who set them up.

    ``fields`` are what was typed in the order form. Times are those of clocks in ``time_zone``: the n-th time follows
    from ``start_date``, ``start_time`` and ``repeat`` alone. ``count`` are the times of a recurring schedule, and the
    orders of one that is spread over days. ``next_number`` is the number of the next time, ``next_at`` its moment;
    it is empty once no time is left.
    """

    class Repeat(models.TextChoices):
        ONCE = "once", _("Once")
        SPREAD = "spread", _("Spread over days")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        HELD = "held", _("Held")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="schedules"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    request_id = models.CharField(max_length=64, blank=True, default=current_id, db_default="", editable=False)
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False, related_name="schedules")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="schedules")
    fields = models.JSONField(default=dict)
    note = models.TextField(_("note"), blank=True, default="")
    rate = models.DecimalField(_("agreed rate"), **MONEY)
    repeat = models.CharField(max_length=10, choices=Repeat.choices)
    time_zone = models.CharField(_("time zone"), max_length=64)
    start_date = models.DateField(_("first day"))
    start_time = models.TimeField(_("time"))
    until = models.DateField(_("until"), null=True, blank=True)
    count = models.PositiveIntegerField(_("times"), null=True, blank=True)
    grace_hours = models.PositiveSmallIntegerField(
        _("grace, hours"),
        default=GRACE_HOURS,
        help_text=_("How late the newest missed order may still be made after an outage."),
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    reason = models.CharField(max_length=300, blank=True, default="")
    next_number = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    # Since when it is active: what came due before and waited for a person is not late.
    resumed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(repeat__in=["once", "spread", "daily", "weekly", "monthly"]),
                name="schedule_repeat_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["active", "held", "paused", "ended"]), name="schedule_status_is_known"
            ),
            models.CheckConstraint(condition=~Q(repeat="spread") | Q(count__gte=1), name="schedule_spread_has_a_total"),
            models.CheckConstraint(condition=Q(grace_hours__gte=1), name="schedule_has_a_grace"),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(next_at__isnull=False), name="schedule_active_has_a_next"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at", "id"], condition=Q(status="active"), name="schedule_due"),
            models.Index(fields=["status", "-id"], name="schedule_by_status"),
            models.Index(fields=["person", "-id"], name="schedule_by_person"),
            models.Index(fields=["provider", "-id"], name="schedule_by_provider"),
        ]

    def __str__(self) -> str:
        return f"schedule {self.pk}"

    @property
    def quantity(self) -> int | None:
        """Return the quantity of each order, where the type has one."""
        text = str(self.fields.get("quantity", ""))
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class ScheduledRun(models.Model):
    """One time of a schedule that has passed: the order that was made, or why none was."""

    class Outcome(models.TextChoices):
        MADE = "made", _("Ordered")
        MISSED = "missed", _("Missed")
        SKIPPED = "skipped", _("Skipped")

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, db_index=False, related_name="runs")
    number = models.PositiveIntegerField()
    local_date = models.DateField()
    local_time = models.TimeField()
    due_at = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    order = models.OneToOneField(Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="scheduled_run")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )

    CLIENT_PATHS: ClassVar = ("schedule__client_id",)

    class Meta:
        ordering: ClassVar = ["-due_at", "-id"]
        verbose_name = _("scheduled order")
        verbose_name_plural = _("scheduled orders")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["schedule", "local_date", "local_time"], name="scheduled_run_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["made", "missed", "skipped"]), name="scheduled_run_outcome_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], name="scheduled_run_by_time"),
            models.Index(fields=["at"], condition=Q(outcome="missed"), name="scheduled_run_missed"),
            models.Index(fields=["schedule", "-number"], name="scheduled_run_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} at {self.local_date} {self.local_time}"
