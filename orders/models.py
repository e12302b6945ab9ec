"""Orders and what follows them. Rows are the queue: a row that says ``queued`` will be sent."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import states
from providers.fields import EncryptedTextField
from providers.models import MONEY, Product, Provider, Service

if TYPE_CHECKING:
    from datetime import datetime

HAS_ID = Q(external_id__isnull=False)


class PaidCallQuerySet(models.QuerySet[Any]):
    """Chains shared by everything that is sent once and paid for."""

    def due(self, now: datetime) -> PaidCallQuerySet:
        """Rows that may be sent at ``now``, oldest first."""
        return self.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), status=states.QUEUED).order_by("id")

    def unconfirmed(self) -> PaidCallQuerySet:
        """Rows whose outcome is not known."""
        return self.filter(status=states.UNCONFIRMED)


class PaidCall(models.Model):
    """What an order, a refill, a cancellation and a product order have in common.

    ``claim`` is the token of the try that owns the row while it is ``sending``; only the
    holder of the token may record an outcome.
    """

    external_id = models.CharField(_("provider's id"), max_length=64, null=True, blank=True)  # noqa: DJ001
    provider_status = models.CharField(_("provider's word"), max_length=100, blank=True, default="")
    error = models.CharField(_("error"), max_length=1000, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    not_before = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    placed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = PaidCallQuerySet.as_manager()

    class Meta:
        abstract = True


class Order(PaidCall):
    """One purchase of an audience service.

    An adopted order (placed elsewhere, taken over by its id) may lack service, link and
    quantity. ``parameters`` holds the other documented parameters by their documented names.
    """

    class Tier(models.IntegerChoices):
        """How often the background asks: coarse on purpose, so rows are rarely touched."""

        NONE = 0, _("not asked about")
        NEW = 1, _("new")
        MOVING = 2, _("moving")
        SLOW = 3, _("slow")
        RESTING = 4, _("resting")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="orders")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    link = models.CharField(_("link"), max_length=2000, blank=True, default="")
    quantity = models.BigIntegerField(_("quantity"), null=True, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=states.OrderStatus.choices, default=states.OrderStatus.QUEUED
    )
    charge = models.DecimalField(_("charge"), null=True, blank=True, **MONEY)
    currency = models.CharField(_("currency"), max_length=10, blank=True, default="")
    start_count = models.BigIntegerField(_("start count"), null=True, blank=True)
    remains = models.BigIntegerField(_("remains"), null=True, blank=True)
    expected_charge = models.DecimalField(_("expected charge"), null=True, blank=True, **MONEY)
    rate = models.DecimalField(_("rate when ordered"), null=True, blank=True, **MONEY)
    billed_quantity = models.BigIntegerField(null=True, blank=True)
    children = models.JSONField(default=list, blank=True)
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, default=Tier.NEW)
    unknown_answers = models.PositiveSmallIntegerField(default=0)
    unknown_since = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    held_for = models.CharField(max_length=20, blank=True, default="")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    link_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    note = models.TextField(_("note"), blank=True, default="")
    client_label = models.CharField(_("client"), max_length=100, blank=True, default="")
    adopted = models.BooleanField(default=False)
    repeat_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repeats")
    mass_order = models.ForeignKey(
        "MassOrder", null=True, blank=True, on_delete=models.SET_NULL, related_name="orders"
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "external_id"], condition=HAS_ID, name="order_id_once_per_provider"
            ),
            models.CheckConstraint(condition=~Q(external_id=""), name="order_id_not_blank"),
            models.CheckConstraint(
                condition=Q(status__in=states.OrderStatus.values), name="order_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=states.SENDING) | Q(claim__isnull=False), name="order_sending_has_claim"
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=0), name="order_quantity_not_negative"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-id"], name="order_by_status"),
            models.Index(fields=["provider", "-id"], name="order_by_provider"),
            models.Index(fields=["created_by", "-id"], name="order_by_person"),
            models.Index(fields=["service", "-id"], name="order_by_service"),
            models.Index(fields=["created_at", "id"], name="order_by_time"),
            models.Index(fields=["link_key", "-id"], name="order_by_link"),
            models.Index(
                fields=["provider", "id"],
                condition=Q(status__in=[states.HELD, states.QUEUED, states.SENDING, states.UNCONFIRMED]),
                name="order_at_hub",
            ),
            models.Index(
                fields=["provider", "tier", "id"], condition=HAS_ID & Q(tier__gt=0), name="order_walk"
            ),
            models.Index(fields=["client_label", "-id"], condition=~Q(client_label=""), name="order_by_client"),
            models.Index(fields=["mass_order", "id"], condition=Q(mass_order__isnull=False), name="order_by_mass"),
        ]
        permissions: ClassVar = [
            ("aftercare_order", _("Can refill and cancel orders")),
            ("settle_order", _("Can settle unconfirmed orders")),
            ("approve_order", _("Can approve held orders")),
            ("export_order", _("Can export orders")),
            ("raw_order", _("Can order with raw parameters")),
            ("view_cost", _("Can see costs")),
            ("adopt_order", _("Can adopt orders placed elsewhere")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.link_key = link_key(self.link)
        super().save(*args, **kwargs)


def link_key(link: str) -> str:
    """By what two links count as the same: scheme, ``www.``, case of the host and a last slash aside."""
    text = link.strip()
    if not text:
        return ""
    bare = text.split("://", 1)[-1]
    host, slash, path = bare.partition("/")
    plain = f"{host.casefold().removeprefix('www.')}{slash}{path}".rstrip("/")
    return hashlib.sha256(plain.encode()).hexdigest()


class Refill(PaidCall):
    """A request to deliver again what dropped; ``pending`` without an id cannot be tracked."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refills")
    status = models.CharField(
        _("status"), max_length=20, choices=states.RefillStatus.choices, default=states.RefillStatus.QUEUED
    )
    unknown_answers = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("refill")
        verbose_name_plural = _("refills")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=states.RefillStatus.values), name="refill_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=states.SENDING) | Q(claim__isnull=False), name="refill_sending_has_claim"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=[states.QUEUED, states.SENDING, states.UNCONFIRMED]),
                name="one_refill_on_its_way",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["order", "-id"], name="refill_by_order"),
            models.Index(
                fields=["status", "id"],
                condition=Q(status__in=["queued", "sending", "unconfirmed", "pending", "in_progress"]),
                name="refill_open",
            ),
        ]

    def __str__(self) -> str:
        return f"refill {self.pk} of {self.order_id}"


class Cancellation(PaidCall):
    """A request to cancel; what became of it is the order's own status."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="cancellations")
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=states.CancellationStatus.choices,
        default=states.CancellationStatus.QUEUED,
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=states.CancellationStatus.values), name="cancellation_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=states.SENDING) | Q(claim__isnull=False),
                name="cancellation_sending_has_claim",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=[states.QUEUED, states.SENDING, states.UNCONFIRMED]),
                name="one_cancellation_on_its_way",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["order", "-id"], name="cancellation_by_order"),
            models.Index(
                fields=["status", "id"],
                condition=Q(status__in=["queued", "sending", "unconfirmed"]),
                name="cancellation_open",
            ),
        ]

    def __str__(self) -> str:
        return f"cancellation {self.pk} of {self.order_id}"


class ProductOrder(PaidCall):
    """One purchase of a digital product; its ids are another number space than an order's."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="product_orders")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    quantity = models.BigIntegerField(_("quantity"), default=1)
    require = EncryptedTextField(_("handed over by the buyer"), blank=True, default="")
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=states.ProductOrderStatus.choices,
        default=states.ProductOrderStatus.QUEUED,
    )
    charge = models.DecimalField(_("charge"), null=True, blank=True, **MONEY)
    currency = models.CharField(_("currency"), max_length=10, blank=True, default="")
    expected_charge = models.DecimalField(_("expected charge"), null=True, blank=True, **MONEY)
    remains = models.BigIntegerField(_("remains"), null=True, blank=True)
    result = models.CharField(max_length=200, blank=True, default="")
    provider_note = models.CharField(max_length=500, blank=True, default="")
    goods = EncryptedTextField(_("delivered goods"), blank=True, default="")
    goods_count = models.PositiveIntegerField(default=0)
    goods_at = models.DateTimeField(null=True, blank=True)
    goods_final = models.BooleanField(default=False)
    unknown_answers = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    held_for = models.CharField(max_length=20, blank=True, default="")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    note = models.TextField(_("note"), blank=True, default="")
    client_label = models.CharField(_("client"), max_length=100, blank=True, default="")

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
                condition=Q(status__in=states.ProductOrderStatus.values), name="product_order_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=states.SENDING) | Q(claim__isnull=False),
                name="product_order_sending_has_claim",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="product_order_quantity_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-id"], name="product_order_by_status"),
            models.Index(fields=["provider", "-id"], name="product_order_by_provider"),
        ]
        permissions: ClassVar = [("view_goods", _("Can see delivered goods"))]

    def __str__(self) -> str:
        return f"product order {self.pk}"


class Attempt(models.Model):
    """One try of one paid call: written before the call, completed after it.

    Rows that went out in one request share ``call``. ``payload`` holds the wire parameters
    without the key and without what a buyer handed over.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("on its way")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        POSTPONED = "postponed", _("not taken, will be sent again")
        NOT_SENT = "not_sent", _("never sent")
        UNKNOWN = "unknown", _("unknown")

    call = models.UUIDField(default=uuid.uuid4, db_index=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="attempts")
    action = models.CharField(max_length=40)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts")
    refill = models.ForeignKey(Refill, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts")
    cancellation = models.ForeignKey(
        Cancellation, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts"
    )
    product_order = models.ForeignKey(
        ProductOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    payload = models.JSONField(default=dict)
    payload_hash = models.CharField(max_length=64, blank=True, default="")
    outcome = models.CharField(max_length=12, blank=True, default="", choices=Outcome.choices)
    detail = models.CharField(max_length=1000, blank=True, default="")
    http_status = models.PositiveIntegerField(null=True, blank=True)
    excerpt = models.TextField(blank=True, default="")
    seen_id = models.CharField(max_length=64, blank=True, default="")
    late_id = models.CharField(max_length=64, blank=True, default="")
    seconds = models.FloatField(null=True, blank=True)
    balance_before = models.DecimalField(null=True, blank=True, **MONEY)
    balance_after = models.DecimalField(null=True, blank=True, **MONEY)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(
                    Q(order__isnull=False, refill__isnull=True, cancellation__isnull=True, product_order__isnull=True)
                    | Q(order__isnull=True, refill__isnull=False, cancellation__isnull=True, product_order__isnull=True)
                    | Q(order__isnull=True, refill__isnull=True, cancellation__isnull=False, product_order__isnull=True)
                    | Q(order__isnull=True, refill__isnull=True, cancellation__isnull=True, product_order__isnull=False)
                ),
                name="attempt_has_one_subject",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["provider", "started_at"], name="attempt_by_time")]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome or 'open'}"


class OrderEvent(models.Model):
    """One line of a timeline; ``words`` are the provider's own, ``actor`` is empty for the hub."""

    class Kind(models.TextChoices):
        CREATED = "created", _("created")
        STATE = "state", _("state")
        ATTEMPT = "attempt", _("try")
        CHARGE = "charge", _("charge")
        REFILL = "refill", _("refill")
        CANCEL = "cancel", _("cancel")
        SETTLED = "settled", _("settled")
        REOPENED = "reopened", _("reopened")
        NOTE = "note", _("note")
        GOODS = "goods", _("goods")
        WARNING = "warning", _("warning")

    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    product_order = models.ForeignKey(
        ProductOrder, null=True, blank=True, on_delete=models.CASCADE, related_name="events"
    )
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    before = models.CharField(max_length=20, blank=True, default="")
    after = models.CharField(max_length=20, blank=True, default="")
    words = models.CharField(max_length=1000, blank=True, default="")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["order", "id"], name="event_of_order"),
            models.Index(fields=["product_order", "id"], name="event_of_product_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.before}→{self.after}"


class ChargeDelta(models.Model):
    """A change of an order's reported charge, dated when it was seen; never edited."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="charge_deltas")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="charge_deltas")
    product_order = models.ForeignKey(
        ProductOrder, null=True, blank=True, on_delete=models.CASCADE, related_name="charge_deltas"
    )
    at = models.DateTimeField(default=timezone.now)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["provider", "at"], name="charge_by_time")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class LedgerEntry(models.Model):
    """Money that moved outside orders: a top-up or an adjustment, entered or recognised."""

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("top-up")
        ADJUSTMENT = "adjustment", _("adjustment")

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="ledger_entries")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=10, blank=True, default="")
    text = models.CharField(max_length=300, blank=True, default="")
    recognised = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["provider", "at"], name="ledger_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"


class MassOrder(models.Model):
    """Many orders from one paste or file; its lines are checked before anything is sent."""

    class Status(models.TextChoices):
        CHECKING = "checking", _("being checked")
        READY = "ready", _("checked")
        PLACING = "placing", _("being placed")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")
        WITHDRAWN = "withdrawn", _("withdrawn")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="mass_orders"
    )
    created_at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200, blank=True, default="")
    client_label = models.CharField(max_length=100, blank=True, default="")
    body_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CHECKING)
    total = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)
    placed = models.PositiveIntegerField(default=0)
    summary = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name or f"mass order {self.pk}"


class MassLine(models.Model):
    """One line of a mass order with its fault, if it has one, and the order it became."""

    mass_order = models.ForeignKey(MassOrder, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True, default="")
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    link = models.CharField(max_length=2000, blank=True, default="")
    quantity = models.BigIntegerField(null=True, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    expected_charge = models.DecimalField(null=True, blank=True, **MONEY)
    fault = models.CharField(max_length=300, blank=True, default="")
    warning = models.CharField(max_length=300, blank=True, default="")
    order = models.OneToOneField(
        Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="mass_line"
    )

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mass_order", "number"], name="mass_line_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["mass_order", "number"], condition=Q(order__isnull=True, fault=""), name="mass_line_to_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mass_order_id}:{self.number}"


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


class DailyTotal(models.Model):
    """Rollup for the dashboard: one row per day, provider, person and state."""

    day = models.DateField()
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    status = models.CharField(max_length=20)
    orders = models.IntegerField(default=0)
    charge = models.DecimalField(default=0, **MONEY)
    expected = models.DecimalField(default=0, **MONEY)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "provider", "person", "status"], name="daily_total_once"),
            models.UniqueConstraint(
                fields=["day", "provider", "status"], condition=Q(person__isnull=True), name="daily_total_hub_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.provider_id} {self.status}: {self.orders}"


class SavedView(models.Model):
    """A named filter of a list, kept per person as its query string."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    page = models.CharField(max_length=40, default="orders")
    query = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "page", "name"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name
