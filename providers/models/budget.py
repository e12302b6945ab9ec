"""The request budget of a provider: its slots in time and its places for calls in flight."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from providers.models.provider import Provider


class RequestBudget(models.Model):
    """The next free slot of a provider's request budget; one row, moved by one UPDATE.

    ``next_at``, ``held_until`` and ``click_at`` are Unix seconds with fractions: plain arithmetic in
    SQL works on them the same way on SQLite and PostgreSQL. ``click_at`` is the slot that a click comes
    back for, which polls leave to it.
    """

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, primary_key=True, related_name="request_budget")
    next_at = models.FloatField(default=0.0)
    held_until = models.FloatField(default=0.0)
    click_at = models.FloatField(default=0.0, db_default=0.0)
    used = models.BigIntegerField(default=0)
    # The slots given in the minute that began at ``minute * 60``, and in the one before it.
    minute = models.BigIntegerField(default=0, db_default=0)
    used_now = models.IntegerField(default=0, db_default=0)
    used_before = models.IntegerField(default=0, db_default=0)

    class Meta:
        # The table keeps its first name: code of the version before goes on writing to it during an upgrade.
        db_table = "providers_budgetlane"

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.next_at}"


class CallSlot(models.Model):
    """One of the places for calls in flight at a provider; the last ones are reserved for clicks."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="call_slots")
    number = models.PositiveSmallIntegerField()
    for_clicks_only = models.BooleanField(default=False)
    holder = models.CharField(max_length=250, blank=True, default="")
    until = models.FloatField(default=0.0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "number"], name="call_slot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id}#{self.number}"
