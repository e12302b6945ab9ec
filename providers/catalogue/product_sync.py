"""Sync the products of a provider's shop with what it lists."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from panelhub.db.bulk import update_rows
from providers.calls.rate_limit import CallPriority
from providers.calls.services import calling
from providers.catalogue.diff import SYNCS_TO_CLOSE, storable_rate
from providers.dialects import Action
from providers.models import Product, Provider
from providers.models.search_text import search_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from providers.client.types import ProductRow

LISTED: Final = (
    *("name", "require", "rate", "min_quantity", "max_quantity"),
    *("category", "in_stock", "inventory", "type"),
)
_FROM_ROW: Final = attrgetter("name", "require", "rate", "min", "max", "category", "in_stock", "inventory", "type")
_KNOWN: Final = ("external_id", "pk", "is_available", "missing_syncs", *LISTED)
_WRITTEN: Final = (*LISTED, "is_available", "missing_syncs", "search_text")
CHUNK: Final = 1000
LONGEST_REQUIRE: Final = 500


def sync_products(provider: Provider, *, priority: CallPriority = CallPriority.POLL) -> Counter[str]:
    """Ask ``provider`` for its products and take over what changed; returns figures, none where it has no shop.

    A product that two lists in a row lack is closed; it is never removed, and opens again when it is back.
    Raises ``ProviderError`` when the list cannot be read: then nothing changes. Must not run twice at once
    for one provider.
    """
    if not provider.speaks.can(Action.products):
        return Counter()
    with calling(provider, Action.products, priority=priority) as client:
        rows = client.products()
    figures: Counter[str] = Counter(listed=len(rows))
    stored = Product.objects.filter(provider=provider).order_by().values_list(*_KNOWN)
    known = {row[0]: row for row in stored}
    appeared: list[Product] = []
    updates: list[tuple[Any, ...]] = []
    for row in rows:
        fields = _storable(row)
        old = known.pop(row.id, None)
        if fields is None:
            figures["skipped"] += 1
        elif old is None:
            appeared.append(_new_product(provider, row.id, fields))
        elif old[2:] != (True, 0, *fields):
            figures["returned"] += not old[2]
            updates.append((old[1], *fields, True, 0, search_text(row.id, row.name, row.category)))
    for chunk in _chunks(updates):
        with transaction.atomic():
            update_rows(Product, _WRITTEN, chunk)
    Product.objects.bulk_create(appeared, batch_size=CHUNK)
    figures += _note_missing([(old[1], old[3]) for old in known.values() if old[2]])
    Provider.objects.filter(pk=provider.pk).update(products_at=timezone.now())
    return +(figures + Counter(new=len(appeared), changed=len(updates)))


def _note_missing(missing: Sequence[tuple[int, int]]) -> Counter[str]:
    gone = [pk for pk, syncs in missing if syncs + 1 >= SYNCS_TO_CLOSE]
    Product.objects.filter(pk__in=[pk for pk, _ in missing]).update(missing_syncs=F("missing_syncs") + 1)
    Product.objects.filter(pk__in=gone).update(is_available=False)
    return Counter(missing=len(missing) - len(gone), closed=len(gone))


def _storable(row: ProductRow) -> tuple[Any, ...] | None:
    name, require, rate, *rest = _FROM_ROW(row)
    stored = storable_rate(rate)
    return None if stored is None else (name, require[:LONGEST_REQUIRE], stored, *rest)


def _new_product(provider: Provider, external_id: str, fields: tuple[Any, ...]) -> Product:
    product = Product(provider=provider, external_id=external_id, **dict(zip(LISTED, fields, strict=True)))
    product.search_text = search_text(external_id, product.name, product.category)
    return product


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
