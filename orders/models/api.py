"""PanelHub as a provider: tokens of programs, the services opened for them, and the calls they made."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from orders.models.product_order import ProductOrder
from providers.models import MONEY, Product, Provider, Service


class ApiToken(models.Model):
    """One program of one person. The token itself is shown once; its hash is all that is stored.

    ``made_by`` counts as an author of what it orders. While ``is_waiting``, it was made for someone else and works
    once that person has seen it: the secret is made at that moment.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    is_waiting = models.BooleanField(default=False, db_default=False, editable=False)
    name = models.CharField(_("name"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    tail = models.CharField(max_length=4, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    addresses = models.JSONField(
        _("allowed addresses"),
        default=list,
        blank=True,
        help_text=_("IP addresses or networks. Leave empty to allow any address."),
    )
    all_services = models.BooleanField(
        _("all services"),
        default=False,
        db_default=False,
        help_text=_("All open services, including ones opened later."),
    )
    services: models.ManyToManyField[OpenService, Any] = models.ManyToManyField(
        "OpenService",
        blank=True,
        related_name="tokens",
        help_text=_("Unless “all services” is on, only selected services can be ordered."),
    )
    requests_per_minute = models.PositiveIntegerField(_("requests per minute"), default=300)
    refuse_duplicates = models.BooleanField(
        _("reject links with an open order"), default=False, help_text=_("As many panels do.")
    )
    window_at = models.FloatField(default=0.0, editable=False)
    window_calls = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} (…{self.tail})"


class OpenService(models.Model):
    """A service or product that programs may order; its key is the stable id they know it by.

    ``share`` and ``addition`` are the markup where they differ from the provider's rule.
    """

    service = models.OneToOneField(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="open_as")
    product = models.OneToOneField(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="open_as")
    is_open = models.BooleanField(_("open"), default=True)
    name = models.CharField(_("name in the API"), max_length=500, blank=True, default="")
    share = models.DecimalField(_("markup, %"), null=True, blank=True, max_digits=9, decimal_places=4)
    addition = models.DecimalField(_("added to the rate"), null=True, blank=True, **MONEY)

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name = _("open service")
        verbose_name_plural = _("open services")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(service__isnull=False, product__isnull=True)
                | Q(service__isnull=True, product__isnull=False),
                name="open_service_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} · {self.name or self.service or self.product}"

    @property
    def thing(self) -> Service | Product:
        """The service or product that is opened."""
        found = self.service or self.product
        assert found is not None  # noqa: S101 - the database holds that it is one of the two
        return found


class Markup(models.Model):
    """The markup of a provider's services: ``share`` in per cent, ``addition`` on the rate, in the hub's currency."""

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, related_name="markup")
    share = models.DecimalField(_("markup, %"), default=0, max_digits=9, decimal_places=4)
    addition = models.DecimalField(_("added to the rate"), default=0, **MONEY)

    class Meta:
        verbose_name = _("markup")
        verbose_name_plural = _("markups")

    def __str__(self) -> str:
        return f"{self.provider}: {self.share} % + {self.addition}"


class ApiOrder(models.Model):
    """An order that a program made: by which token, under which key, at which terms.

    The terms are those of the moment it was made, so that a later change of markup or exchange
    rate does not change what was agreed. ``factor`` and ``addition`` turn a charge into the
    program's: ``charge × factor + addition × how often the rate is in it``.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="api_orders")
    order = models.OneToOneField(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="sold_as")
    product_order = models.OneToOneField(
        ProductOrder, null=True, blank=True, on_delete=models.CASCADE, related_name="sold_as"
    )
    idempotency_key = models.CharField(max_length=100, blank=True, default="")
    request_hash = models.CharField(max_length=64, blank=True, default="")
    factor = models.DecimalField(default=1, max_digits=30, decimal_places=10)
    addition = models.DecimalField(default=0, **MONEY)
    # Of a route: what 1,000 cost the program, fixed when it ordered.
    rate = models.DecimalField(null=True, blank=True, **MONEY)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["token", "idempotency_key"], condition=~Q(idempotency_key=""), name="api_order_once_per_key"
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False, product_order__isnull=True)
                | Q(order__isnull=True, product_order__isnull=False),
                name="api_order_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.order_id or self.product_order_id}"


class ApiCall(models.Model):
    """One of the last calls of a token, stored without its parameters."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=40)
    ip = models.CharField(max_length=45, blank=True, default="")
    answer = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["token", "-id"], name="api_call_by_token")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.action}"


class WrongToken(models.Model):
    """How often an address came with a token that does not exist."""

    ip = models.CharField(max_length=45, primary_key=True)
    tries = models.PositiveIntegerField(default=0)
    since = models.FloatField(default=0.0)

    def __str__(self) -> str:
        return f"{self.ip}: {self.tries}"
