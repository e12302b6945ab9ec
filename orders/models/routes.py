"""Routes, what the agency offers over several providers; chains, what was bought through one; and their steps."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.links import KEY_SIZE, key_of
from orders.models.client import ForClient
from panelhub.db.ids import new_id
from panelhub.http.request_id import current_id
from providers.models import MONEY, Service


class Route(models.Model):
    """An ordered list of services over providers, with the rule by which one of them is chosen for an order.

    ``highest_rate`` is per 1,000 in the hub's currency, ``least_completion`` a share between 0 and 1. The weights
    count for the rule ``score`` alone. A chain waits ``patience_minutes`` for a provider that is paused.
    """

    class Rule(models.TextChoices):
        """By what the services that fit are put in order."""

        ORDER = "order", _("In this order")
        CHEAPEST = "cheapest", _("Cheapest now")
        FASTEST = "fastest", _("Fastest")
        COMPLETION = "completion", _("Highest completion")
        SCORE = "score", _("Score")

    name = models.CharField(_("name"), max_length=200, unique=True)
    platform = models.SlugField(_("platform"), max_length=30, blank=True, default="")
    kind = models.SlugField(_("kind"), max_length=30, blank=True, default="")
    rule = models.CharField(_("rule"), max_length=12, choices=Rule.choices, default=Rule.ORDER)
    weight_price = models.PositiveSmallIntegerField(_("weight of price"), default=1)
    weight_speed = models.PositiveSmallIntegerField(_("weight of speed"), default=1)
    weight_completion = models.PositiveSmallIntegerField(_("weight of completion"), default=1)
    needs_refill = models.BooleanField(_("needs refill"), default=False)
    needs_cancel = models.BooleanField(_("needs cancel"), default=False)
    needs_dripfeed = models.BooleanField(_("needs drip-feed"), default=False)
    highest_rate = models.DecimalField(_("highest price per 1,000"), null=True, blank=True, **MONEY)
    least_completion = models.FloatField(_("lowest completion"), null=True, blank=True)
    min_quantity = models.BigIntegerField(_("minimum"), null=True, blank=True)
    max_quantity = models.BigIntegerField(_("maximum"), null=True, blank=True)
    patience_minutes = models.PositiveIntegerField(_("patience, minutes"), default=60)
    buys_rest = models.BooleanField(_("buys the rest"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    note = models.TextField(_("note"), blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    services: models.ManyToManyField[Service, Any] = models.ManyToManyField(
        Service, through="RouteService", related_name="routes"
    )

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="route_has_name"),
            models.CheckConstraint(
                condition=Q(highest_rate__isnull=True) | Q(highest_rate__gte=0), name="route_rate_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(least_completion__isnull=True) | Q(least_completion__gte=0, least_completion__lte=1),
                name="route_completion_is_share",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RouteService(models.Model):
    """One service of a route, at its place."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="entries")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="route_entries")
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        ordering: ClassVar = ["route", "position"]
        verbose_name = _("service of a route")
        verbose_name_plural = _("services of routes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["route", "service"], name="route_service_once"),
            models.UniqueConstraint(fields=["route", "position"], name="route_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.route_id}: {self.position}"


class Chain(ForClient):
    """What was ordered through a route: one order after the other, each of them bought like any other.

    ``ceiling`` is the most that all of them may cost together, in ``currency``, the hub's at ordering. ``reserved``
    is what the chain takes of the spending limit; its orders take nothing of their own. Whoever changes a chain,
    or adds an order to it, holds the lock on its row.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        HELD = "held", _("Held")
        FLAGGED = "flagged", _("Possible second purchase")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Done")

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    route = models.ForeignKey(Route, on_delete=models.PROTECT, db_index=False, related_name="chains")
    link = models.CharField(_("link"), max_length=2000, blank=True, default="")
    target_key = models.BinaryField(max_length=KEY_SIZE, null=True, editable=False)
    quantity = models.BigIntegerField(_("quantity"))
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    pinned = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    reason = models.CharField(max_length=20, blank=True, default="")
    words = models.CharField(max_length=1000, blank=True, default="")
    ceiling = models.DecimalField(_("ceiling"), **MONEY)
    currency = models.CharField(_("currency"), max_length=10)
    reserved = models.DecimalField(_("reserved from the limit"), null=True, blank=True, **MONEY)
    patience_minutes = models.PositiveIntegerField(_("patience, minutes"), default=60)
    buys_rest = models.BooleanField(_("buys the rest"), default=True)
    # When the sweeper looks at it next; null where nothing can happen by time alone.
    due_at = models.DateTimeField(null=True, blank=True)
    # What the last order stood at when its rest was first seen (or that its provider is paused), since when, and
    # whether the provider said the same again later.
    seen = models.JSONField(default=dict, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    is_seen_twice = models.BooleanField(default=False, db_default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    let_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    note = models.TextField(_("note"), blank=True, default="")
    mass_order = models.ForeignKey(
        "MassOrder", null=True, blank=True, on_delete=models.SET_NULL, db_index=False, related_name="chains"
    )
    request_id = models.CharField(max_length=64, blank=True, default=current_id, db_default="", editable=False)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("chain")
        verbose_name_plural = _("chains")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="chain_quantity_positive"),
            models.CheckConstraint(condition=Q(ceiling__gte=0), name="chain_ceiling_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "held", "flagged", "stopped", "done"]), name="chain_status_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["route", "-id"], name="chain_by_route"),
            models.Index(fields=["status", "-id"], name="chain_by_status"),
            models.Index(fields=["created_by", "created_at"], name="chain_by_person"),
            models.Index(
                fields=["created_by", "let_out_at"], condition=Q(let_out_at__isnull=False), name="chain_by_letting_out"
            ),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="chain_due"),
            models.Index(fields=["mass_order", "id"], condition=Q(mass_order__isnull=False), name="chain_by_mass"),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="chain_by_request"),
        ]

    def __str__(self) -> str:
        return f"chain {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.target_key = key_of(self.link)
        super().save(*args, **kwargs)


class ChainStep(models.Model):
    """One line of a chain's timeline; never edited. ``order`` is the one that was added, or that it is about."""

    class Reason(models.TextChoices):
        """Why a chain took a step, or did not."""

        ORDERED = "ordered", _("ordered")
        REFUSED = "refused", _("rejected by the provider")
        BALANCE = "balance", _("rejected, confirmed by the balance")
        PATIENCE = "patience", _("the provider stayed paused")
        REST = "rest", _("the rest was bought")
        MOVED = "moved", _("moved elsewhere")
        ELSEWHERE = "elsewhere", _("bought elsewhere by a person")
        DONE = "done", _("done")
        # Why it is held or flagged.
        SECOND_PERSON = "second_person", _("waiting for a second person")
        NO_CANDIDATE = "no_candidate", _("no service fits")
        NO_RATE = "no_rate", _("no exchange rate")
        CEILING = "ceiling", _("over the ceiling")
        LIMIT = "limit", _("over the spending limit")
        PERSON = "person", _("the person may not order")
        DUPLICATE = "duplicate", _("another open order for this link")
        NOT_CERTAIN = "not_certain", _("an attempt has no certain result")
        BY_HAND = "by_hand", _("decided by a person only")
        LATE_ANSWER = "late_answer", _("a late answer")
        SECOND_PURCHASE = "second_purchase", _("possible second purchase")
        RESTORE = "restore", _("restored from a backup")
        # What people did.
        STOPPED = "stopped", _("stopped by a person")
        CANCEL = "cancel", _("canceled or withdrawn")
        CONTINUED = "continued", _("continued by a person")
        APPROVED = "approved", _("approved")
        CLEARED = "cleared", _("checked by a person")

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, db_index=False, related_name="steps")
    order = models.ForeignKey(
        "Order", null=True, blank=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    before = models.CharField(max_length=10, blank=True, default="")
    after = models.CharField(max_length=10, blank=True, default="")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    words = models.CharField(max_length=1000, blank=True, default="")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name = _("step of a chain")
        verbose_name_plural = _("steps of chains")
        indexes: ClassVar = [
            models.Index(fields=["chain", "id"], name="step_of_chain"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="step_of_order"),
        ]

    def __str__(self) -> str:
        return f"{self.chain_id}: {self.reason}"
