"""Purchases of digital products."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders import statuses
from orders.models.base import HAS_ID, PaidCall
from orders.models.client import BilledOrder
from panelhub.db.ids import new_id
from panelhub.encryption.fields import EncryptedTextField
from providers.models import MONEY, Product, Provider


class ProductOrder(BilledOrder, PaidCall):
    """One purchase of a digital product; its ids are another number space than an order's."""

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="product_orders")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    quantity = models.BigIntegerField(_("quantity"), default=1)
    require = EncryptedTextField(_("buyer’s details"), blank=True, default="")
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=statuses.ProductOrderStatus.choices,
        default=statuses.ProductOrderStatus.QUEUED,
    )
    charge = models.DecimalField(_("charge"), null=True, blank=True, **MONEY)
    currency = models.CharField(_("currency"), max_length=10, blank=True, default="")
    expected_charge = models.DecimalField(_("expected charge"), null=True, blank=True, **MONEY)
    remains = models.BigIntegerField(_("remains"), null=True, blank=True)
    # What a status calls its result may lead to the goods.
    result = EncryptedTextField(blank=True, default="")
    provider_note = models.CharField(max_length=500, blank=True, default="")
    goods = EncryptedTextField(_("delivered goods"), blank=True, default="")
    goods_count = models.PositiveIntegerField(default=0)
    goods_at = models.DateTimeField(null=True, blank=True)
    goods_final = models.BooleanField(default=False)
    unknown_answers = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reserved = models.DecimalField(_("reserved from the limit"), null=True, blank=True, **MONEY)
    held_for = models.CharField(max_length=20, blank=True, default="")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    let_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("product order")
        verbose_name_plural = _("product orders")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "external_id"], condition=HAS_ID, name="product_order_id_once_per_provider"
            ),
            models.CheckConstraint(condition=~Q(external_id=""), name="product_order_id_not_blank"),
            models.CheckConstraint(
                condition=Q(status__in=statuses.ProductOrderStatus.values), name="product_order_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=statuses.SENDING) | Q(claim__isnull=False),
                name="product_order_sending_has_claim",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="product_order_quantity_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-id"], name="product_order_by_status"),
            models.Index(fields=["provider", "-id"], name="product_order_by_provider"),
            models.Index(
                fields=["client", "created_at"], condition=Q(client__isnull=False), name="product_order_of_client"
            ),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="product_order_by_request"),
        ]
        permissions: ClassVar = [("view_goods", _("Can see delivered goods"))]

    def __str__(self) -> str:
        return f"product order {self.pk}"
