"""Opening services and products for programs, and what is put on their prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from orders.models import Markup, OpenService
from panelhub import audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from django.db.models import QuerySet
    from django.http import HttpRequest

MOST: Final = 20_000
_BATCH: Final = 1_000


def open_things(things: QuerySet[Any], *, by: Any, request: HttpRequest | None = None) -> int:
    """Open services, or products, for programs; returns how many are open now that were not.

    What was open once comes back under the number it had. At most ``MOST`` at once.
    """
    column = _column(things)
    with transaction.atomic():
        keys = list(things.order_by("pk").values_list("pk", flat=True)[:MOST])
        opened = 0
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            known = OpenService.objects.filter(**{f"{column}__in": batch})
            opened += known.filter(is_open=False).update(is_open=True)
            missing = sorted(set(batch) - set(known.values_list(column, flat=True)))
            OpenService.objects.bulk_create(
                [OpenService(**{column: key}) for key in missing], ignore_conflicts=True, batch_size=_BATCH
            )
            opened += len(missing)
        audit.record(by, "shelf.opened", column.removesuffix("_id"), f"{opened} opened for programs", request)
    return opened


def close_things(things: QuerySet[Any], *, by: Any, request: HttpRequest | None = None) -> int:
    """Close services, or products, for programs; returns how many were open."""
    column = _column(things)
    with transaction.atomic():
        keys = things.order_by("pk").values("pk")[:MOST]
        chosen = OpenService.objects.filter(is_open=True, **{f"{column}__in": list(keys.values_list("pk", flat=True))})
        closed = chosen.update(is_open=False)
        audit.record(by, "shelf.closed", column.removesuffix("_id"), f"{closed} closed for programs", request)
    return closed


def set_markups(wanted: Mapping[int, tuple[Decimal, Decimal]], *, by: Any, request: HttpRequest | None = None) -> int:
    """Set share and addition by provider; returns how many changed."""
    changed = 0
    with transaction.atomic():
        known = {markup.provider_id: markup for markup in Markup.objects.select_for_update().order_by("pk")}
        for provider_id, (share, addition) in wanted.items():
            markup = known.get(provider_id) or Markup(provider_id=provider_id)
            if (markup.share, markup.addition) == (share, addition):
                continue
            before = f"{markup.share} % + {markup.addition}"
            markup.share, markup.addition = share, addition
            markup.save()
            changed += 1
            audit.record(by, "markup.changed", markup, f"{before} → {share} % + {addition}", request)
    return changed


def _column(things: QuerySet[Any]) -> str:
    return f"{things.model._meta.model_name}_id"
