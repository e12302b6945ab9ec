"""Bundles: several services that are ordered together, each part an order of its own."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models import Service

MOST_PARTS: Final = 20


class Bundle(models.Model):
    """What is sold under one name. ``key`` is the name without case and accents, by which a line of text names it."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    key = models.CharField(max_length=200, unique=True, editable=False)
    note = models.TextField(_("note"), blank=True, default="")
    is_active = models.BooleanField(_("can be ordered"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("bundle")
        verbose_name_plural = _("bundles")
        default_permissions = ("view", "add", "change")
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(key=""), name="bundle_has_name")]

    def __str__(self) -> str:
        return self.name


class BundlePart(models.Model):
    """One service of a bundle: a fixed quantity, or a share (in percent) of the quantity that is ordered."""

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(_("position"))
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="bundle_parts")
    quantity = models.BigIntegerField(_("quantity"), null=True, blank=True)
    share = models.DecimalField(_("share, percent"), max_digits=6, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["bundle", "position"]
        verbose_name = _("part of a bundle")
        verbose_name_plural = _("parts of bundles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bundle", "position"], name="bundle_position_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, share__isnull=True) | Q(share__gt=0, quantity__isnull=True),
                name="bundle_part_has_one_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bundle_id}: {self.position}"
