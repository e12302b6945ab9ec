"""What is known of a provider: its account, catalogue, products, and how the talking goes."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panelhub.encryption.fields import EncryptedTextField
from providers import dialects
from providers.client.address import AddressRefused, origin_of
from providers.models.platforms import find_platform
from providers.models.search_text import fold
from providers.models.service_kinds import OTHER as NO_KIND
from providers.models.service_kinds import find_kind

if TYPE_CHECKING:
    from datetime import datetime

MONEY: dict[str, Any] = {"max_digits": 30, "decimal_places": 10}
DIALECT_CHOICES = [(slug, dialect.title) for slug, dialect in dialects.DIALECTS.items()]


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Chains for the providers one may work with."""

    def active(self) -> ProviderQuerySet:
        """Providers that are switched on."""
        return self.filter(is_active=True)

    def not_held(self) -> ProviderQuerySet:
        """Providers that have not just asked for a pause because of too many requests."""
        now = time.time()
        return self.exclude(lane__held_until__gt=now, lane__held_until__lt=now + 1000)

    def open_for_paid_calls(self, now: datetime) -> ProviderQuerySet:
        """Providers that are switched on, not paused, and whose breaker is closed at ``now``."""
        return self.active().filter(breaker_until__isnull=True, pause_kind=Provider.Pause.NONE)


class Provider(models.Model):
    """One account at one panel: where it is, with which key, and how it is doing."""

    class Pause(models.TextChoices):
        """Why no paid call is made although the account is switched on."""

        NONE = "", _("not paused")
        BAD_KEY = "bad_key", _("the key is refused")
        ACCOUNT_OFF = "account_off", _("the account is off")
        NO_FUNDS = "no_funds", _("not enough funds")
        MAINTENANCE = "maintenance", _("maintenance")
        NEW_KEY = "new_key", _("its new key is being checked")
        BY_HAND = "by_hand", _("paused by a person")

    class PackageBilling(models.TextChoices):
        """What the rate of a package means at this provider."""

        UNSETTLED = "", _("not known yet")
        EACH = "each", _("the price of one package")
        PER_THOUSAND = "per_1000", _("the price of 1,000")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    dialect = models.SlugField(_("dialect"), max_length=30, choices=DIALECT_CHOICES, default="standard")
    api_url = models.URLField(_("API address"), max_length=300)
    api_key = EncryptedTextField(_("API key"), blank=True, default="", bound_to="origin")
    is_active = models.BooleanField(_("active"), default=True)
    is_sandbox = models.BooleanField(_("sandbox"), default=False)
    requests_per_minute = models.PositiveIntegerField(
        _("requests a minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60_000)],
        help_text=_("Empty: as the provider's document states, else 60."),
    )
    currency = models.CharField(_("currency"), max_length=10, blank=True, default="")
    balance = models.DecimalField(_("balance"), null=True, blank=True, **MONEY)
    balance_at = models.DateTimeField(_("balance read at"), null=True, blank=True)
    overrides = models.JSONField(_("dialect overrides"), default=dict, blank=True)

    rate_limit_is_unknown = models.BooleanField(
        _("a rate limit leaves the outcome open"),
        default=False,
        help_text=_("Treat 429 on a paid call as unknown instead of not taken."),
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


class ServiceQuerySet(models.QuerySet["Service"]):
    """Chains for what a catalogue page or an order form asks."""

    def orderable(self) -> ServiceQuerySet:
        """Services that can be ordered now: listed, not closed by a price jump, provider active."""
        return self.filter(is_available=True, hold_reason="", provider__is_active=True)


class Service(models.Model):
    """One row of a provider's catalogue, as the provider last listed it."""

    class Hold(models.TextChoices):
        """Why a listed service is closed for ordering."""

        NONE = "", _("open")
        PRICE_JUMP = "price_jump", _("its price jumped")
        RENUMBERED = "renumbered", _("its id may mean another service now")

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="services")
    external_id = models.CharField(_("provider's id"), max_length=100)
    name = models.CharField(_("name"), max_length=500)
    type = models.SlugField(_("type"), max_length=60, default="default")
    type_label = models.CharField(_("type, as the provider writes it"), max_length=60, blank=True, default="")
    category = models.CharField(_("category"), max_length=300, blank=True, default="")
    platform = models.SlugField(_("platform"), max_length=30, blank=True, default="")
    kind = models.SlugField(_("kind"), max_length=30, default=NO_KIND, db_default=NO_KIND, db_index=False)
    rate = models.DecimalField(_("rate"), **MONEY)
    min_quantity = models.BigIntegerField(_("minimum"), null=True, blank=True)
    max_quantity = models.BigIntegerField(_("maximum"), null=True, blank=True)
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
            models.Index(fields=["rate", "id"], name="service_by_rate"),
            models.Index(fields=["provider", "rate", "id"], name="service_provider_rate"),
            models.Index(fields=["platform", "rate", "id"], name="service_platform_rate"),
            models.Index(fields=["platform", "kind", "rate", "id"], name="service_kind_rate"),
            models.Index(fields=["type", "rate", "id"], name="service_type_rate"),
            models.Index(fields=["name", "id"], name="service_by_name"),
            models.Index(
                fields=["provider"], condition=Q(is_available=True, missing_syncs__gt=0), name="service_missing"
            ),
            models.Index(fields=["provider"], condition=~Q(hold_reason=""), name="service_held"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} · {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = search_text(self.external_id, self.name, self.category)
        self.platform = self.platform or find_platform(category=self.category, name=self.name)
        if self.kind == NO_KIND:
            self.kind = find_kind(category=self.category, name=self.name)
        super().save(*args, **kwargs)


def search_text(external_id: str, name: str, category: str) -> str:
    """The folded text by which a service or product is found."""
    return fold(f"{external_id} {name} {category}")


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
        RETURNED = "returned", _("came back")
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


class CatalogueHold(models.Model):
    """A catalogue that looks wrong (empty, halved, renumbered, doubled) and waits for a person.

    The list itself is not kept: once accepted, the next one of the same kind is taken over.
    ``details`` holds figures and examples for the person who decides.
    """

    class Kind(models.TextChoices):
        """What is wrong with the list."""

        EMPTY = "empty", _("empty")
        HALVED = "halved", _("half or more is gone")
        RENUMBERED = "renumbered", _("renumbered")
        DOUBLED = "doubled", _("doubled")

    class Outcome(models.TextChoices):
        """What became of it."""

        OPEN = "", _("waits for a person")
        APPLIED = "applied", _("accepted and taken over")
        DISCARDED = "discarded", _("discarded")
        OVERTAKEN = "overtaken", _("a good list came instead")

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


class Product(models.Model):
    """A digital product of a provider's shop (smmvna.com API v2 document, ``products``)."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="products")
    external_id = models.CharField(_("provider's id"), max_length=100)
    name = models.CharField(_("name"), max_length=500)
    require = models.CharField(_("what the buyer has to hand over"), max_length=500, blank=True, default="")
    rate = models.DecimalField(_("price of one"), **MONEY)
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
        verbose_name = _("check of a provider")
        verbose_name_plural = _("checks of providers")
        indexes: ClassVar = [models.Index(fields=["provider", "id"], name="provider_check_history")]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.at:%F %T} {'ok' if self.ok else 'not ok'}"


class BudgetLane(models.Model):
    """The next free slot of a provider's request budget; one row, moved by one UPDATE.

    ``next_at`` and ``held_until`` are Unix seconds with fractions: plain arithmetic in SQL
    works on them the same way on SQLite and PostgreSQL.
    """

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, primary_key=True, related_name="lane")
    next_at = models.FloatField(default=0.0)
    held_until = models.FloatField(default=0.0)
    used = models.BigIntegerField(default=0)
    # The slots given in the minute that began at ``minute * 60``, and in the one before it.
    minute = models.BigIntegerField(default=0, db_default=0)
    used_now = models.IntegerField(default=0, db_default=0)
    used_before = models.IntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.next_at}"


class CallSlot(models.Model):
    """One of the places for calls in flight at a provider; the last ones are kept for clicks."""

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


class CallRecord(models.Model):
    """A call worth keeping: every paid one, whole, and every read that failed. The others are counted.

    ``sent`` holds the wire parameters with key and buyer's words masked, None for a read; ``call`` is the
    token that the tries of a paid call share with it; ``request_id`` names the request or task that made it.
    ``size`` is about how many bytes the row takes: what is kept is bounded by their sum.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="call_records")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=40)
    outcome = models.CharField(max_length=30)
    detail = models.CharField(max_length=500, blank=True, default="")
    http_status = models.PositiveIntegerField(null=True, blank=True)
    excerpt = models.TextField(blank=True, default="")
    seconds = models.FloatField(default=0.0)
    is_paid = models.BooleanField(default=False, db_default=False)
    sent = models.JSONField(null=True, blank=True)
    call = models.UUIDField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    size = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["provider", "id"], name="call_record_feed"),
            models.Index(fields=["call"], condition=Q(call__isnull=False), name="call_record_of_try"),
            # Holds all that deciding about what is kept asks for.
            models.Index(fields=["is_paid", "id", "size"], name="call_record_sizes"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.action}: {self.outcome}"


class CallCount(models.Model):
    """How many calls a provider got, by hour, action and outcome."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="call_counts")
    hour = models.DateTimeField()
    action = models.CharField(max_length=40)
    outcome = models.CharField(max_length=30)
    calls = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0.0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "hour", "action", "outcome"], name="call_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.hour:%F %H}h {self.action} {self.outcome}: {self.calls}"
