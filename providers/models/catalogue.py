"""Catalogues held for a person's decision."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models.provider import Provider


class CatalogueHold(models.Model):
    """A catalogue that looks wrong (empty, halved, renumbered, doubled) and waits for a person.

    The list itself is not stored: once accepted, the next one of the same kind is applied.
    ``details`` holds figures and examples for the person who decides.
    """

    class Kind(models.TextChoices):
        """What is wrong with the list."""

        EMPTY = "empty", _("empty")
        HALVED = "halved", _("half or more missing")
        RENUMBERED = "renumbered", _("renumbered")
        DOUBLED = "doubled", _("doubled")

    class Outcome(models.TextChoices):
        """Its outcome."""

        OPEN = "", _("needs review")
        APPLIED = "applied", _("accepted")
        DISCARDED = "discarded", _("discarded")
        OVERTAKEN = "overtaken", _("replaced by a good list")

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="catalogue_holds")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.HALVED)
    at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    body_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    listed = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    details = models.JSONField(default=dict, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=12, blank=True, default="", choices=Outcome.choices)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("held catalogue")
        verbose_name_plural = _("held catalogues")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider"], condition=Q(closed_at__isnull=True), name="one_open_hold_per_provider"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.reason}"
