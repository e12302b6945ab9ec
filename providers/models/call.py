"""Records and counts of calls to providers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from providers.models.provider import Provider


class CallRecord(models.Model):
    """A call worth keeping: every paid one, whole, and every read that failed. The others are counted.

    ``sent`` holds the wire parameters with key and buyer's words masked, None for a read; ``call`` is the
    token that the tries of a paid call share with it; ``request_id`` names the request or task that made it.
    ``size`` is about how many bytes the row takes: what is kept is bounded by their sum.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="call_records")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=40)
    outcome = models.CharField(max_length=30)
    detail = models.CharField(max_length=500, blank=True, default="")
    http_status = models.PositiveIntegerField(null=True, blank=True)
    excerpt = models.TextField(blank=True, default="")
    seconds = models.FloatField(default=0.0)
    is_paid = models.BooleanField(default=False, db_default=False)
    sent = models.JSONField(null=True, blank=True)
    call = models.UUIDField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    size = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["provider", "id"], name="call_record_feed"),
            models.Index(fields=["call"], condition=Q(call__isnull=False), name="call_record_of_try"),
            # Holds all that deciding about what is kept asks for.
            models.Index(fields=["is_paid", "id", "size"], name="call_record_sizes"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.action}: {self.outcome}"


class CallCount(models.Model):
    """How many calls a provider got, by hour, action and outcome."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="call_counts")
    hour = models.DateTimeField()
    action = models.CharField(max_length=40)
    outcome = models.CharField(max_length=30)
    calls = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0.0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "hour", "action", "outcome"], name="call_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.hour:%F %H}h {self.action} {self.outcome}: {self.calls}"
