"""Make clients of the labels of orders, in small steps: no statement holds more than its rows for long."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Max, OuterRef, Subquery

from orders.models import key_of_name

STEP: Final = 10_000
_NAMES_AT_ONCE: Final = 500


def link_labels(client: Any, *models: Any) -> int:
    """Link rows of ``models`` that have a label and no client to the client of that name, made where there is none.

    Returns how many rows were linked. It can be stopped and run again, and be run while orders are made.
    """
    return sum(_link(client, model) for model in models)


def _link(client: Any, model: Any) -> int:
    last = model.objects.aggregate(last=Max("pk"))["last"] or 0
    linked = 0
    for start in range(0, last, STEP):
        rows = model.objects.filter(pk__gt=start, pk__lte=start + STEP, client__isnull=True).exclude(client_label="")
        names = sorted(set(rows.order_by().values_list("client_label", flat=True).distinct()))
        for first in range(0, len(names), _NAMES_AT_ONCE):
            client.objects.bulk_create(
                [client(name=name, key=key_of_name(name)) for name in names[first : first + _NAMES_AT_ONCE]],
                ignore_conflicts=True,
            )
        if names:
            named = client.objects.filter(name=OuterRef("client_label")).values("pk")[:1]
            linked += rows.update(client=Subquery(named))
    return linked


def rewrite_labels(client: Any, *models: Any) -> int:
    """Write the client's name on its orders that carry another, in steps; returns how many were written.

    The mark that it is due is removed only if the name is still the same.
    """
    written = 0
    for model in models:
        rows = model.objects.filter(client=client.pk).exclude(client_label=client.name).order_by()
        while keys := list(rows.values_list("pk", flat=True)[:STEP]):
            written += model.objects.filter(pk__in=keys, client=client.pk).update(client_label=client.name)
    type(client).objects.filter(pk=client.pk, name=client.name).update(is_stale=False)
    return written
