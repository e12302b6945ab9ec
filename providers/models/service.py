"""Services of a provider's catalogue, and how they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models.base import MONEY
from providers.models.hub_rates import PLACES, in_hub_currency, worths_of
from providers.models.provider import Provider
from providers.models.search_text import search_text
from providers.models.service_kinds import OTHER as NO_KIND
from providers.models.service_names.facts import STORED, VERSION, read_service_name


class ServiceQuerySet(models.QuerySet["Service"]):
    """Chains for what a catalogue page or an order form asks."""

    def orderable(self) -> ServiceQuerySet:
        """Return services that can be ordered now: listed, not closed by a price jump, provider active."""
        return self.filter(is_available=True, hold_reason="", provider__is_active=True)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        services = list(objs)
        worths = worths_of(service.provider_id for service in services)
        for service in services:
            service.convert_rate(worths)
        return super().bulk_create(services, *args, **kwargs)


class Service(models.Model):
    """One row of a provider's catalogue, as the provider last listed it."""

    class Hold(models.TextChoices):
        """Why a listed service is closed for ordering."""

        NONE = "", _("open")
        PRICE_JUMP = "price_jump", _("price jumped")
        RENUMBERED = "renumbered", _("ID may have been reused")
        REFUSED = "refused", _("orders rejected with the same message")

    class Quality(models.TextChoices):
        """What kind of accounts deliver, as far as the name says."""

        REAL = "real", _("Real")
        HIGH = "high", _("High quality")
        MIXED = "mixed", _("Mixed")
        BOT = "bot", _("Bots")

    class Gender(models.TextChoices):
        """Whose accounts deliver, as far as the name says."""

        FEMALE = "female", _("Female")
        MALE = "male", _("Male")

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="services")
    external_id = models.CharField(_("provider ID"), max_length=100)
    name = models.CharField(_("name"), max_length=500)
    type = models.SlugField(_("type"), max_length=60, default="default", db_index=False)
    type_label = models.CharField(_("provider’s type"), max_length=60, blank=True, default="")
    category = models.CharField(_("category"), max_length=300, blank=True, default="")
    platform = models.SlugField(_("platform"), max_length=30, blank=True, default="", db_index=False)
    kind = models.SlugField(_("kind"), max_length=30, default=NO_KIND, db_default=NO_KIND, db_index=False)
    country = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    quality = models.CharField(
        _("quality"), max_length=10, blank=True, default="", db_default="", choices=Quality.choices
    )
    gender = models.CharField(_("gender"), max_length=6, blank=True, default="", db_default="", choices=Gender.choices)
    refill_days = models.PositiveIntegerField(_("refill, days"), null=True, blank=True)
    speed_per_day = models.PositiveBigIntegerField(_("speed per day"), null=True, blank=True)
    start_minutes = models.PositiveIntegerField(_("start, minutes"), null=True, blank=True)
    drop_percent = models.PositiveSmallIntegerField(_("drop, %"), null=True, blank=True)
    by_hand = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    read_version = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    rate = models.DecimalField(_("rate"), **MONEY)
    hub_rate = models.DecimalField(_("rate in the hub’s currency"), null=True, blank=True, editable=False, **MONEY)
    min_quantity = models.BigIntegerField(_("minimum"), null=True, blank=True)
    max_quantity = models.BigIntegerField(_("maximum"), null=True, blank=True)
    # The provider's text of a limit that cannot be read: not known, which is not the same as none.
    min_unread = models.CharField(max_length=60, blank=True, default="", db_default="")
    max_unread = models.CharField(max_length=60, blank=True, default="", db_default="")
    refill = models.BooleanField(_("refill"), null=True, blank=True)
    cancel = models.BooleanField(_("cancel"), null=True, blank=True)
    dripfeed = models.BooleanField(_("drip-feed"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True, default="")
    average_time = models.CharField(_("average time"), max_length=100, blank=True, default="")
    is_available = models.BooleanField(_("available"), default=True)
    hold_reason = models.CharField(max_length=20, blank=True, default="", choices=Hold.choices)
    accepted_rate = models.DecimalField(null=True, blank=True, **MONEY)
    missing_syncs = models.PositiveSmallIntegerField(default=0)
    search_text = models.TextField(blank=True, default="", editable=False)
    first_seen_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["provider", "category", "id"]
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="service_once_per_provider"),
            models.CheckConstraint(condition=~Q(external_id=""), name="service_has_external_id"),
            models.CheckConstraint(condition=Q(rate__gte=0), name="service_rate_not_negative"),
        ]
        indexes: ClassVar = [
            models.Index(PLACES["price"], "id", name="service_price"),
            models.Index(PLACES["price_down"], "id", name="service_price_down"),
            models.Index(PLACES["shelf"], "kind", PLACES["price"], "id", name="service_shelf_price"),
            models.Index("platform", PLACES["price"], "id", name="service_platform_price"),
            models.Index("platform", "kind", PLACES["price"], "id", name="service_kind_price"),
            models.Index("provider", PLACES["price"], "id", name="service_provider_price"),
            models.Index("provider", "platform", "kind", PLACES["price"], "id", name="service_provider_kind_price"),
            models.Index("type", PLACES["price"], "id", name="service_type_price"),
            models.Index(fields=["name", "id"], name="service_by_name"),
            models.Index(
                fields=["provider"], condition=Q(is_available=True, missing_syncs__gt=0), name="service_missing"
            ),
            models.Index(fields=["provider"], condition=~Q(hold_reason=""), name="service_held"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} · {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        before, self.search_text = self.search_text, search_text(self.external_id, self.name, self.category)
        if before != self.search_text:
            self._read_name(is_renamed=bool(before))
        if kwargs.get("update_fields") is None or "rate" in kwargs["update_fields"]:
            self.convert_rate(worths_of([self.provider_id]))
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "hub_rate"}
        super().save(*args, **kwargs)

    def convert_rate(self, worths: Mapping[int, Decimal | None]) -> None:
        """Set the hub rate by what the provider's currency is worth."""
        field: Any = self._meta.get_field("rate")
        rate = field.to_python(self.rate)
        self.hub_rate = None if rate is None else in_hub_currency(rate, worths.get(self.provider_id))

    def _read_name(self, *, is_renamed: bool) -> None:
        """Fill in what the name says, where nothing is given; after a change of the name, over what was read of it."""
        read = read_service_name(self.name, self.category, self.description)
        for field in STORED:
            if field in self.by_hand:
                setattr(self, field, self.by_hand[field])
            elif is_renamed or getattr(self, field) in ("", None, NO_KIND):
                setattr(self, field, getattr(read, field))
        self.read_version = VERSION


class Favourite(models.Model):
    """A service that a person marked to find it again."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="favourites"
    )
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="favourites")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "service"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.person_id} ★ {self.service_id}"


class ServiceChange(models.Model):
    """One line of the change feed; the lines of kind ``rate`` are the price history."""

    class Kind(models.TextChoices):
        APPEARED = "appeared", _("appeared")
        CLOSED = "closed", _("closed")
        RETURNED = "returned", _("reopened")
        RATE = "rate", _("rate")
        LIMITS = "limits", _("limits")
        FLAGS = "flags", _("refill, cancel or drip-feed")
        NAME = "name", _("name")
        TYPE = "type", _("type")
        CATEGORY = "category", _("category")
        JUMP = "jump", _("closed by a price jump")
        ACCEPTED = "accepted", _("price accepted")

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="service_changes")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    before = models.CharField(max_length=500, blank=True, default="")
    after = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["service", "kind", "id"], name="service_change_history"),
            models.Index(fields=["at", "id"], name="service_change_feed"),
            models.Index(fields=["provider", "id"], name="service_change_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.kind} {self.before} → {self.after}"
