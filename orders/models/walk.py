"""Where the background stands in asking about what is open."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from providers.models import Provider


class Walk(models.Model):
    """Where the background stands in asking one provider about one tier of one kind."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="walks")
    kind = models.CharField(max_length=20)
    tier = models.PositiveSmallIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    holder = models.CharField(max_length=36, blank=True, default="")
    held_until = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "kind", "tier"], name="walk_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.kind} tier {self.tier}"
