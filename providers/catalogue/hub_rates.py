"""Keep the hub rates of services up to date when a currency, an exchange rate or the hub's currency changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from panelhub.db.bulk import lock_rows, update_rows
from providers.models import Provider, Service
from providers.models.hub_rates import in_hub_currency, worths_of

AT_ONCE: Final = 5_000


def with_hub_rates(provider: Provider, rows: Sequence[tuple[Any, ...]], *, place: int) -> list[tuple[Any, ...]]:
    """Return ``rows``, whose rate is at ``place``, each with its hub rate at its end. Inside a transaction."""
    worth = _lock_worth(provider.pk)
    return [(*row, in_hub_currency(row[place], worth)) for row in rows]


def refresh_hub_rates(**which: Any) -> int:
    """Recompute the hub rates of the providers that ``which`` finds (of all without); returns how many changed."""
    changed = 0
    for provider_id in Provider.objects.filter(**which).order_by("pk").values_list("pk", flat=True):
        last: int | None = 0
        while last is not None:
            last, found = _refresh_some(provider_id, after=last)
            changed += found
    return changed


def refresh_after_save(
    instance: Provider, *, created: bool, update_fields: Collection[str] | None, **_signal: Any
) -> None:
    """Recompute the hub rates of a provider that was saved: its currency may be another."""
    if not created and (update_fields is None or "currency" in update_fields):
        refresh_hub_rates(pk=instance.pk)


@transaction.atomic
def _refresh_some(provider_id: int, *, after: int) -> tuple[int | None, int]:
    worth = _lock_worth(provider_id)
    services = Service.objects.filter(provider=provider_id, pk__gt=after).order_by("pk")
    rows = list(services.values_list("pk", "rate", "hub_rate")[:AT_ONCE])
    fresh = [(pk, in_hub_currency(rate, worth), known) for pk, rate, known in rows]
    changed = update_rows(Service, ["hub_rate"], [(pk, new) for pk, new, known in fresh if new != known])
    return rows[-1][0] if len(rows) == AT_ONCE else None, len(changed)


def _lock_worth(provider_id: int) -> Decimal | None:
    """Return what a provider's currency is worth, which stands until the transaction ends.

    Whoever writes hub rates locks the provider first, so none comes from an exchange rate that changed meanwhile.
    """
    lock_rows(Provider, [provider_id])
    return worths_of([provider_id]).get(provider_id)
