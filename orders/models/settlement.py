"""What people decide about outcomes that are not known, and what the hub looked for to help them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.aftercare import Cancellation, Refill
from orders.models.history import Attempt
from orders.models.order import Order
from orders.models.product_order import ProductOrder
from providers.models import MONEY, Provider


class WindowSearch(models.Model):
    """One search among neighbouring ids for an order whose reply was lost.

    The row is the request: it is made unfinished, and a worker finishes it. ``from_id`` and
    ``to_id`` are the window as far as it is bounded, ``ranges`` what of it was polled, as pairs.
    ``candidates`` are dicts as :mod:`orders.settlement.id_search` writes them, ``verdict`` what they came to when
    it ended (:mod:`orders.settlement.search_jobs`).
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="searches")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    from_id = models.BigIntegerField(null=True, blank=True)
    to_id = models.BigIntegerField(null=True, blank=True)
    ranges = models.JSONField(default=list, blank=True)
    calls = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    is_capped = models.BooleanField(default=False)
    verdict = models.CharField(max_length=10, blank=True, default="")
    candidates = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")
    failure = models.CharField(max_length=500, blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("nearby ID search")
        verbose_name_plural = _("nearby ID searches")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(finished_at__isnull=True), name="one_search_at_a_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="search_open"),
        ]

    def __str__(self) -> str:
        return f"search {self.pk} for order {self.order_id}"


class RefillSearch(models.Model):
    """The latest search among refill ids for a batch whose reply was lost.

    ``found`` are the ids that answered and stand on no refill here; which of them is whose, no one can say.
    """

    call = models.UUIDField(unique=True)
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    from_id = models.BigIntegerField(null=True, blank=True)
    to_id = models.BigIntegerField(null=True, blank=True)
    asked = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=list, blank=True)
    is_capped = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True, default="")
    failure = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("search among refill ids")
        verbose_name_plural = _("searches among refill ids")

    def __str__(self) -> str:
        return f"search for the refills of call {self.call}"


class Settlement(models.Model):
    """One decision about a paid call whose outcome is not known: who, which way out, and why.

    An adoption waits until the provider has confirmed the id; the other ways are done at once.
    An adoption without a subject takes over an order that was placed elsewhere.
    """

    class Way(models.TextChoices):
        ADOPT = "adopt", _("placed")
        SEND_AGAIN = "send_again", _("sent again")
        NOT_PLACED = "not_placed", _("not placed")
        GIVE_UP = "give_up", _("closed as unknown")
        SECOND_SEEN = "second_seen", _("second purchase handled")

    class State(models.TextChoices):
        WAITING = "waiting", _("being confirmed")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(max_length=20)
    way = models.CharField(max_length=12, choices=Way.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DONE)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="settlements")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="settlements")
    refill = models.ForeignKey(Refill, null=True, blank=True, on_delete=models.PROTECT, related_name="settlements")
    cancellation = models.ForeignKey(
        Cancellation, null=True, blank=True, on_delete=models.PROTECT, related_name="settlements"
    )
    product_order = models.ForeignKey(
        ProductOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="settlements"
    )
    external_id = models.CharField(_("provider ID"), max_length=100, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    answer = models.CharField(max_length=1000, blank=True, default="")
    details = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    asked = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    CLIENT_PATHS: ClassVar = (
        *("order__client_id", "refill__order__client_id"),
        *("cancellation__order__client_id", "product_order__client_id"),
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints: ClassVar = [
            *(
                models.UniqueConstraint(
                    fields=[subject], condition=Q(state="waiting"), name=f"one_adoption_of_{subject}"
                )
                for subject in ("order", "refill", "cancellation", "product_order")
            ),
            models.UniqueConstraint(
                fields=["provider", "kind", "external_id"], condition=Q(state="waiting"), name="one_adoption_of_id"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="settlement_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.way} of {self.kind} {self.external_id}".strip()


class BalanceCheck(models.Model):
    """Whether the balance confirms that a purchase, refused in words that no list knows, was not made.

    ``words`` are the refusal as it is compared with others; ``price`` is what it would have cost at least, in the
    provider's currency. ``readings`` are the balances read after the call, as ``{"at": …, "balance": …}``; the next
    one is due at ``due_at``. ``reason`` is why the balance cannot confirm it (:mod:`orders.settlement.balance_checks`).
    ``seen_reading`` is the last reading that was looked at for a later movement.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("checking the balance")
        REJECTED = "rejected", _("confirmed by the balance")
        OPEN = "open", _("not confirmed by the balance")
        REOPENED = "reopened", _("reopened by a later balance change")

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False, related_name="balance_checks")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="balance_checks")
    product_order = models.ForeignKey(
        ProductOrder, null=True, blank=True, on_delete=models.CASCADE, related_name="balance_checks"
    )
    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="balance_check")
    words = models.CharField(max_length=200, blank=True, default="")
    price = models.DecimalField(null=True, blank=True, **MONEY)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=30, blank=True, default="")
    readings = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    seen_reading = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name = _("balance check")
        verbose_name_plural = _("balance checks")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(order__isnull=False, product_order__isnull=True)
                | Q(order__isnull=True, product_order__isnull=False),
                name="balance_check_has_one_subject",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="balance_check_due"),
            models.Index(fields=["provider", "id"], name="balance_check_by_provider"),
        ]

    def __str__(self) -> str:
        return f"balance check of try {self.attempt_id}: {self.state}"
