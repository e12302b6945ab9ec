"""Digital products of a provider."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from providers.models.base import MONEY
from providers.models.provider import Provider
from providers.models.search_text import search_text


class Product(models.Model):
    """A digital product of a provider's shop (smmvna.com API v2 document, ``products``)."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="products")
    external_id = models.CharField(_("provider ID"), max_length=100)
    name = models.CharField(_("name"), max_length=500)
    require = models.CharField(_("details required from the buyer"), max_length=500, blank=True, default="")
    rate = models.DecimalField(_("price each"), **MONEY)
    min_quantity = models.BigIntegerField(_("minimum"), null=True, blank=True)
    max_quantity = models.BigIntegerField(_("maximum"), null=True, blank=True)
    category = models.CharField(_("category"), max_length=300, blank=True, default="")
    in_stock = models.BooleanField(_("in stock"), null=True, blank=True)
    inventory = models.BigIntegerField(_("inventory"), null=True, blank=True)
    type = models.CharField(_("type"), max_length=60, blank=True, default="")
    is_available = models.BooleanField(_("available"), default=True)
    missing_syncs = models.PositiveSmallIntegerField(default=0)
    search_text = models.TextField(blank=True, default="", editable=False)

    class Meta:
        ordering: ClassVar = ["provider", "category", "name"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="product_once_per_provider"),
            models.CheckConstraint(condition=Q(rate__gte=0), name="product_rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} · {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = search_text(self.external_id, self.name, self.category)
        super().save(*args, **kwargs)
