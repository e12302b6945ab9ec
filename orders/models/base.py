"""What everything that is sent once and paid for has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import statuses
from panelhub.http.request_id import current_id

if TYPE_CHECKING:
    from datetime import datetime

HAS_ID = Q(external_id__isnull=False)


class PaidCallQuerySet(models.QuerySet[Any]):
    """Chains shared by everything that is sent once and paid for."""

    def due(self, now: datetime) -> PaidCallQuerySet:
        """Return rows that may be sent at ``now``, oldest first."""
        return self.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), status=statuses.QUEUED).order_by("id")

    def unconfirmed(self) -> PaidCallQuerySet:
        """Return rows whose outcome is not known."""
        return self.filter(status=statuses.UNCONFIRMED)


class PaidCall(models.Model):
    """What an order, a refill, a cancellation and a product order have in common.

    ``claim`` is the token of the try that owns the row while it is ``sending``; only the
    holder of the token may record an outcome.
    """

    external_id = models.CharField(_("provider ID"), max_length=100, null=True, blank=True)
    provider_status = models.CharField(_("provider status"), max_length=100, blank=True, default="")
    error = models.CharField(_("error"), max_length=1000, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    not_before = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    placed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Of the click or the API call that made it; a line of an upload has the click's and its number after it.
    request_id = models.CharField(max_length=64, blank=True, default=current_id, db_default="", editable=False)

    objects = PaidCallQuerySet.as_manager()

    class Meta:
        abstract = True
