"""Where polling stands: one row a provider, kind and tier."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from providers.models import Provider


class PollRound(models.Model):
    """The progress of polling one provider for one tier of one kind.

    A round is on while ``started_at`` is set: everything up to the row ``cursor`` has been polled
    in it. ``round_before`` is the start of the last round that was finished, so "checked … ago" is read
    from here and no order is touched for having been polled.
    ``singly_until`` is set where the panel answers batches with what cannot be distinguished.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="poll_rounds")
    kind = models.CharField(max_length=20)
    tier = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveBigIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    round_before = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    singly_until = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)

    class Meta:
        # Table and constraint have their original names: the previous version's code uses them during an upgrade.
        db_table = "orders_walk"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "kind", "tier"], name="walk_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.kind} tier {self.tier}"
