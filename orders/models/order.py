"""Orders: one purchase of an audience service each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders import statuses
from orders.links import KEY_SIZE, key_of, keys_of_target
from orders.models.base import HAS_ID, PaidCall
from orders.models.client import BilledOrder
from panelhub.db.ids import new_id
from providers.models import MONEY, Provider, Service


class Order(BilledOrder, PaidCall):
    """One purchase of an audience service.

    An adopted order (placed elsewhere, taken over by its id) may lack service, link and
    quantity. ``parameters`` holds the other documented parameters by their documented names.
    """

    class Tier(models.IntegerChoices):
        """How often the background polls: coarse on purpose, so rows are rarely touched."""

        NONE = 0, _("not polled")
        NEW = 1, _("new")
        MOVING = 2, _("moving")
        SLOW = 3, _("slow")
        RESTING = 4, _("idle")

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    # Without indexes of their own where one below begins with the same column: each is written with every move.
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_index=False, related_name="orders")
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="orders"
    )
    link = models.CharField(_("link"), max_length=2000, blank=True, default="")
    quantity = models.BigIntegerField(_("quantity"), null=True, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=statuses.OrderStatus.choices, default=statuses.OrderStatus.QUEUED
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
    # When ageing looks at the order next (null: now); progress leaves it alone, since what is indexed costs WAL.
    ages_at = models.DateTimeField(null=True, blank=True, editable=False)
    unknown_answers = models.PositiveSmallIntegerField(default=0)
    unknown_since = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reserved = models.DecimalField(_("reserved from the limit"), null=True, blank=True, **MONEY)
    held_for = models.CharField(max_length=20, blank=True, default="")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    let_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    form_token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    # By what two links of one target count as the same (`orders.links`); it is compared and never sent.
    target_key = models.BinaryField(max_length=KEY_SIZE, null=True, editable=False)
    note = models.TextField(_("note"), blank=True, default="")
    adopted = models.BooleanField(default=False)
    repeat_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, db_index=False, related_name="repeats"
    )
    mass_order = models.ForeignKey(
        "MassOrder", null=True, blank=True, on_delete=models.SET_NULL, db_index=False, related_name="orders"
    )
    # One link of what was bought through a route (`orders.routes`); the database holds that there is one at a time.
    chain = models.ForeignKey(
        "Chain", null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="links"
    )
    position = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    predecessor = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, editable=False, related_name="successor"
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
            models.CheckConstraint(condition=Q(status__in=statuses.OrderStatus.values), name="order_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status=statuses.SENDING) | Q(claim__isnull=False), name="order_sending_has_claim"
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=0), name="order_quantity_not_negative"
            ),
            models.UniqueConstraint(
                fields=["chain", "position"], condition=Q(chain__isnull=False), name="chain_position_once"
            ),
            models.UniqueConstraint(
                fields=["chain"],
                condition=Q(chain__isnull=False, status__in=sorted(statuses.IN_HAND)),
                name="chain_has_one_live_link",
            ),
            models.CheckConstraint(
                condition=Q(chain__isnull=True, position__isnull=True, predecessor__isnull=True)
                | Q(chain__isnull=False, position__isnull=False, position=1, predecessor__isnull=True)
                | Q(chain__isnull=False, position__isnull=False, position__gt=1, predecessor__isnull=False),
                name="order_link_has_place",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-id"], name="order_by_status"),
            models.Index(fields=["provider", "-id"], name="order_by_provider"),
            models.Index(fields=["created_by", "-id"], name="order_by_person"),
            models.Index(fields=["service", "-id"], name="order_by_service"),
            models.Index(fields=["created_at", "id"], name="order_by_time"),
            models.Index(fields=["target_key", "-id"], name="order_by_target"),
            models.Index(
                fields=["provider", "id"],
                condition=Q(status__in=[statuses.HELD, statuses.QUEUED, statuses.SENDING, statuses.UNCONFIRMED]),
                name="order_at_hub",
            ),
            models.Index(fields=["provider", "tier", "id"], condition=HAS_ID & Q(tier__gt=0), name="order_walk"),
            models.Index(
                fields=["created_by", "status", "-id"],
                condition=Q(status__in=sorted(statuses.LIVE)),
                name="order_live_by_person",
            ),
            models.Index(
                fields=["provider", "status", "-id"],
                condition=Q(status__in=sorted(set(statuses.OrderStatus.values) - {"completed"})),
                name="order_unfinished",
            ),
            models.Index(
                fields=["provider", "ages_at"],
                condition=HAS_ID & Q(tier__gt=0),
                name="order_ageing",
            ),
            models.Index(
                fields=["provider"],
                condition=HAS_ID & Q(tier=0, status__in=sorted(statuses.OPEN)),
                name="order_forgotten",
            ),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="order_by_request"),
            models.Index(fields=["client", "-id"], condition=Q(client__isnull=False), name="order_of_client"),
            models.Index(
                fields=["client", "created_at"], condition=Q(client__isnull=False), name="order_of_client_by_time"
            ),
            models.Index(fields=["mass_order", "id"], condition=Q(mass_order__isnull=False), name="order_by_mass"),
            models.Index(
                fields=["created_by", "let_out_at"], condition=Q(let_out_at__isnull=False), name="order_by_letting_out"
            ),
            models.Index(fields=["repeat_of"], condition=Q(repeat_of__isnull=False), name="order_by_original"),
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
        self.target_key = key_of(self.link)
        super().save(*args, **kwargs)


def opens_same(link: str, platform: str) -> Q:
    """Return orders whose link opens the same as ``link`` does for a service of ``platform``."""
    key, others = keys_of_target(link, platform)
    return Q(target_key=key) | Q(target_key__in=others, service__platform=platform) if others else Q(target_key=key)
