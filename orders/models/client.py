"""Clients: whom the hub orders for, and what every order knows of its client."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models.search_text import fold

LONGEST_NAME: Final = 100


class Client(models.Model):
    """Someone the agency orders for. A client is never deleted: it can be anonymised.

    ``markup`` (in percent) is what new orders for the client are billed above their charge. ``is_stale`` is set while
    orders still carry the name from before a change; a worker rewrites them.
    """

    name = models.CharField(_("name"), max_length=LONGEST_NAME, unique=True)
    # By what a name counts as the same, however it is written; two clients from before may share one.
    key = models.CharField(max_length=2 * LONGEST_NAME, db_index=True, editable=False)
    notes = models.TextField(_("notes"), blank=True, default="")
    markup = models.DecimalField(
        _("default markup, percent"),
        max_digits=7,
        decimal_places=2,
        default=0,
        help_text=_("Added to the charge of orders placed from now on."),
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="clients",
        verbose_name=_("account manager"),
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_stale = models.BooleanField(default=False, db_default=False, editable=False)

    CLIENT_PATHS: ClassVar = ("pk",)
    AUDITED: ClassVar = ("name", "markup", "manager")

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        default_permissions = ("view", "add", "change")
        permissions: ClassVar = [("anonymise_client", _("Can anonymise clients"))]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="client_name_not_blank"),
            models.CheckConstraint(condition=Q(markup__gte=-100), name="client_markup_not_below_all"),
        ]
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(is_stale=True), name="client_stale")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = key_of_name(self.name)
        super().save(*args, **kwargs)

    @property
    def audit_name(self) -> str:
        """What the audit record holds: it outlasts the name of a client who is anonymised."""
        return str(self.pk)

    @classmethod
    def named(cls, name: str) -> Client:
        """Return the client with exactly this name; a new one when there is none."""
        with transaction.atomic():
            return cls.objects.get_or_create(name=name)[0]


def key_of_name(name: str) -> str:
    """Return the same for all spellings of a name: letters without case and accents, single spaces."""
    return fold(name)[: 2 * LONGEST_NAME]


class ForClient(models.Model):
    """What is made for a client. ``client_label`` is the client's name, so that lists need no other table."""

    client = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    client_label = models.CharField(_("client"), max_length=LONGEST_NAME, blank=True, default="")

    CLIENT_PATHS: ClassVar[tuple[str, ...]] = ("client_id",)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and self.client_label and self.client_id is None:
            self.client = Client.named(self.client_label)
        elif self._state.adding and self.client is not None and not self.client_label:
            self.client_label = self.client.name
        super().save(*args, **kwargs)


class BilledOrder(ForClient):
    """What a client is billed for: with the ``markup`` (in percent) that the client had when it was ordered.

    Without one, what the client has now counts.
    """

    markup = models.DecimalField(_("markup, percent"), max_digits=7, decimal_places=2, null=True, blank=True)

    class Meta:
        abstract = True
