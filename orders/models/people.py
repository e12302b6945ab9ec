"""What the hub knows of the people who order, and the rules they order under."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.client import Client
from providers.models import MONEY, Provider


class SavedView(models.Model):
    """A named filter of a list, stored per person as its query string."""

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


class Person(models.Model):
    """What one person may see and spend.

    They see the ``providers`` chosen, or all of them with ``all_providers``; without a row, none. Superusers see all.
    Of what was ordered there they see that of the ``clients`` chosen, or everything with ``all_clients``.
    They can't order before an administrator has set a limit, a threshold or ``no_limit``, nor without a row;
    superusers can.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="person")
    all_providers = models.BooleanField(
        _("all providers"),
        default=False,
        db_default=False,
        help_text=_("Sees every provider, including ones added later."),
    )
    providers = models.ManyToManyField(
        Provider,
        blank=True,
        related_name="people",
        help_text=_("Unless “all providers” is on, only selected providers are visible."),
    )
    # A row that a script makes sees what its providers let it see.
    all_clients = models.BooleanField(
        _("all clients"),
        default=True,
        db_default=True,
        help_text=_("Sees the orders of every client, and those without a client."),
    )
    clients = models.ManyToManyField(
        Client,
        blank=True,
        related_name="people",
        help_text=_("Unless “all clients” is on, only orders of selected clients are visible."),
    )
    daily_limit = models.DecimalField(
        _("daily spending limit"), null=True, blank=True, help_text=_("In the hub's currency."), **MONEY
    )
    # A row that a script makes counts as decided; the form of the hub requires the decision.
    no_limit = models.BooleanField(
        _("no spending limit"),
        default=True,
        db_default=True,
        help_text=_("May spend any amount. An amount entered above counts instead."),
    )
    second_person_above = models.DecimalField(
        _("second person above"),
        null=True,
        blank=True,
        help_text=_("Orders above this amount, in the hub’s currency, need a second person."),
        **MONEY,
    )

    AUDITED: ClassVar = (
        *("user", "all_providers", "providers", "all_clients", "clients"),
        *("daily_limit", "no_limit", "second_person_above"),
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return str(self.user)

    @property
    def has_limit_set(self) -> bool:
        """Whether an administrator decided what this person may spend."""
        return self.no_limit or self.daily_limit is not None or self.second_person_above is not None


class HubRules(models.Model):
    """Rules for everybody; the one row with key 1."""

    currency = models.CharField(_("hub currency"), max_length=10, default="USD")
    second_person_above = models.DecimalField(
        _("second person above"),
        null=True,
        blank=True,
        help_text=_("Orders above this amount need a second person. Leave empty for never."),
        **MONEY,
    )
    charge_without_ceiling = models.DecimalField(
        _("amount counted for unknown costs"),
        null=True,
        blank=True,
        help_text=_(
            "What an order counts toward a spending limit when its maximum cost isn’t known. Leave "
            "empty to reject such orders."
        ),
        **MONEY,
    )
    undo_seconds = models.PositiveSmallIntegerField(
        _("undo pause, seconds"), default=0, help_text=_("How long an order waits before it is sent.")
    )

    class Meta:
        verbose_name = _("rules of the hub")
        verbose_name_plural = _("rules of the hub")

    def __str__(self) -> str:
        return str(_("Rules of the hub"))

    @classmethod
    def load(cls) -> HubRules:
        """Return the rules, as set or as they are by default."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class ExchangeRate(models.Model):
    """How much of the hub's currency one unit of another is worth, as entered or fetched that day."""

    currency = models.CharField(_("currency"), max_length=10)
    day = models.DateField(_("day"), default=timezone.localdate)
    rate = models.DecimalField(_("value of one unit"), **MONEY)
    source = models.CharField(_("source"), max_length=60, blank=True, default="")
    is_fetched = models.BooleanField(_("fetched by the hub"), default=False, db_default=False, editable=False)

    class Meta:
        ordering: ClassVar = ["-day", "currency"]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["currency", "day"], name="exchange_rate_once_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate}"


class RoleMemory(models.Model):
    """The permissions that a role was given by the hub, each of them once; ``granted`` are ``app.codename`` names.

    What an administrator took away since stays remembered, so an upgrade does not bring it back.
    """

    role = models.CharField(_("role"), max_length=150, unique=True)
    granted = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["role"]
        verbose_name = _("saved role")
        verbose_name_plural = _("saved roles")
        default_permissions = ()

    def __str__(self) -> str:
        return self.role
