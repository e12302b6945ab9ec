"""Which notices a person reads in the hub's own list: the page, the bell and the button agree by asking here."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Q

from orders.models import Delivery
from orders.permissions import granted_to

if TYPE_CHECKING:
    from django.db.models import QuerySet


def told_to(reader: int, kinds: Collection[str]) -> QuerySet[Delivery]:
    """What the person with this key was told and may still see: notices of ``kinds`` at providers they are granted."""
    visible = Q(notice__provider__isnull=True) | granted_to(reader, "notice__provider_id")
    return Delivery.objects.filter(visible, person=reader, channel__isnull=True, notice__kind__in=list(kinds))
