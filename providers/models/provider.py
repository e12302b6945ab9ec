"""Provider accounts, their balances and checks."""

from __future__ import annotations

import time
import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panelhub.encryption.fields import EncryptedTextField
from providers import dialects
from providers.client.address import AddressRefused, origin_of
from providers.models.base import MONEY

DIALECT_CHOICES = [(slug, dialect.title) for slug, dialect in dialects.DIALECTS.items()]


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Chains for the providers one may work with."""

    def active(self) -> ProviderQuerySet:
        """Return providers that are switched on."""
        return self.filter(is_active=True)

    def not_held(self) -> ProviderQuerySet:
        """Return providers that have not just requested a pause because of too many requests."""
        now = time.time()
        return self.exclude(request_budget__held_until__gt=now, request_budget__held_until__lt=now + 1000)

    def open_for_paid_calls(self, now: datetime) -> ProviderQuerySet:
        """Return providers that are switched on, not paused, and whose breaker is closed at ``now``."""
        return self.active().filter(breaker_until__isnull=True, pause_kind=Provider.Pause.NONE)


class Provider(models.Model):
    """One account at one panel: where it is, with which key, and how it is doing."""

    class Pause(models.TextChoices):
        """Why no paid call is made although the account is switched on."""

        NONE = "", _("not paused")
        BAD_KEY = "bad_key", _("key rejected")
        ACCOUNT_OFF = "account_off", _("account disabled")
        NO_FUNDS = "no_funds", _("not enough funds")
        MAINTENANCE = "maintenance", _("maintenance")
        NEW_KEY = "new_key", _("checking the new key")
        BY_HAND = "by_hand", _("paused by a person")
        SAME_REFUSAL = "same_refusal", _("rejects different orders with the same message")

    class PackageBilling(models.TextChoices):
        """What the rate of a package means at this provider."""

        UNSETTLED = "", _("not known yet")
        EACH = "each", _("price per package")
        PER_THOUSAND = "per_1000", _("price per 1,000")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    dialect = models.SlugField(_("dialect"), max_length=30, choices=DIALECT_CHOICES, default="standard")
    api_url = models.URLField(_("API URL"), max_length=300)
    api_key = EncryptedTextField(_("API key"), blank=True, default="", bound_to="origin")
    is_active = models.BooleanField(_("active"), default=True)
    is_sandbox = models.BooleanField(_("sandbox"), default=False)
    requests_per_minute = models.PositiveIntegerField(
        _("requests per minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60_000)],
        help_text=_("Leave empty to use the provider’s documented limit, or 60."),
    )
    currency = models.CharField(_("currency"), max_length=10, blank=True, default="")
    balance = models.DecimalField(_("balance"), null=True, blank=True, **MONEY)
    balance_at = models.DateTimeField(_("balance read at"), null=True, blank=True)
    overrides = models.JSONField(_("dialect overrides"), default=dict, blank=True)

    rate_limit_is_unknown = models.BooleanField(
        _("rate limits leave the result unknown"),
        default=False,
        help_text=_("Treat 429 on a paid call as unknown instead of not accepted."),
    )
    decimal_comma = models.BooleanField(_("a comma is a decimal comma"), default=False)
    package_billing = models.CharField(
        _("rate of a package"), max_length=10, blank=True, default="", choices=PackageBilling.choices
    )
    refill_pause_hours = models.PositiveSmallIntegerField(_("hours between two refills of an order"), default=24)
    price_jump_percent = models.PositiveSmallIntegerField(_("price jump that closes a service, %"), default=50)
    low_balance = models.DecimalField(_("warn below this balance"), null=True, blank=True, **MONEY)

    pause_kind = models.CharField(max_length=20, blank=True, default="", choices=Pause.choices)
    pause_text = models.CharField(max_length=500, blank=True, default="")
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_balance = models.DecimalField(null=True, blank=True, **MONEY)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    paid_failures = models.PositiveIntegerField(default=0)
    breaker_until = models.DateTimeField(null=True, blank=True)
    last_failure = models.CharField(max_length=500, blank=True, default="")
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)

    catalogue_hash = models.CharField(max_length=64, blank=True, default="")
    catalogue_at = models.DateTimeField(null=True, blank=True)
    catalogue_pages = models.PositiveSmallIntegerField(default=1, editable=False)
    products_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(requests_per_minute__isnull=True) | Q(requests_per_minute__gte=1),
                name="provider_rate_limit_positive",
            ),
        ]
        permissions: ClassVar = [
            ("run_jobs", _("Can run background jobs by hand")),
            ("accept_catalogue", _("Can accept held catalogues and prices")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def speaks(self) -> dialects.Dialect:
        """The dialect of this account, its own overrides applied."""
        return dialects.resolve(self.dialect, self.overrides)

    @property
    def rate_limit(self) -> int:
        """Requests a minute: the account's own setting, else what the document states."""
        return self.requests_per_minute or self.speaks.requests_per_minute

    def refresh_from_db(self, using: str | None = None, fields: Any = None, from_queryset: Any = None) -> None:
        """Read the row again; the key is read when it is wanted, as one that is unreadable must not hide the rest."""
        if fields is not None:
            super().refresh_from_db(using, fields, from_queryset)
            return
        deferred = self.get_deferred_fields()
        columns = [field.attname for field in self._meta.concrete_fields]
        self._prefetched_objects_cache: dict[str, Any] = {}
        super().refresh_from_db(using, [name for name in columns if name not in {"api_key", *deferred}], from_queryset)
        self.__dict__.pop("api_key", None)

    @property
    def origin(self) -> str:
        """Scheme, host and port that the account's key is for; an address that none can be read from is its own."""
        try:
            return origin_of(self.api_url)
        except AddressRefused:
            return self.api_url

    @property
    def key_tail(self) -> str:
        """The last four characters of the key, all that is ever shown of it."""
        return self.api_key[-4:] if len(self.api_key) >= 12 else ""


class BalanceReading(models.Model):
    """A balance as the provider stated it; written only when it moved."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="balance_readings")
    at = models.DateTimeField(default=timezone.now)
    balance = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["provider", "at"], name="balance_by_time")]

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.balance} {self.currency}"


class ProviderCheck(models.Model):
    """What a check of an account found: lines of ``{"kind": "good" | "bad" | "note", "text": sentence}``."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField(default=timezone.now)
    ok = models.BooleanField(default=False)
    lines = models.JSONField(default=list, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("provider check")
        verbose_name_plural = _("provider checks")
        indexes: ClassVar = [models.Index(fields=["provider", "id"], name="provider_check_history")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.at:%F %T} {'ok' if self.ok else 'not ok'}"
