"""One order as a row of a list: every value in the words and the markup in which it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from orders.queries import LIVE, mark_of
from panelhub.ui import badge, format_count, format_money, format_progress, format_when
from providers.sight import Seen


@dataclass(frozen=True, slots=True)
class OrderRow:
    """What a row shows. ``mark`` is "" when nothing of it can change by itself any more."""

    pk: int
    url: str
    external_id: str
    service: str
    service_id: str
    link: str
    provider: str
    is_sandbox: bool
    person: str
    badge: SafeString
    words: str
    progress: SafeString | str
    charge: SafeString
    when: SafeString
    mark: str
    changed: bool = False


def rows_of(
    found: Iterable[Mapping[str, Any]],
    *,
    providers: Mapping[int, Seen],
    now: datetime,
    sees_cost: bool,
    changed: bool = False,
) -> list[OrderRow]:
    """The rows for ``found`` (the columns of `orders.queries.COLUMNS`)."""
    pattern = reverse("orders:detail", args=[0])
    return [_row(values, pattern, providers, now, sees_cost=sees_cost, changed=changed) for values in found]


def _row(
    values: Mapping[str, Any],
    pattern: str,
    providers: Mapping[int, Seen],
    now: datetime,
    *,
    sees_cost: bool,
    changed: bool,
) -> OrderRow:
    pk, status = values["pk"], values["status"]
    shown = badge(status)
    provider = providers.get(values["provider_id"])
    return OrderRow(
        pk=pk,
        url=pattern.replace("/0/", f"/{pk}/"),
        external_id=values["external_id"] or "",
        service=values["service__name"] or "",
        service_id=values["service__external_id"] or "",
        link=values["link"],
        provider=provider.name if provider else "",
        is_sandbox=provider.is_sandbox if provider else False,
        person=values["created_by__username"] or "",
        badge=shown.html,
        words=words_beside(status, values["provider_status"], values["error"]),
        progress=_progress(values, shown.tone),
        charge=format_money(*charge_of(values)) if sees_cost else SafeString(""),
        when=format_when(values["created_at"], now).html,
        mark=f"{pk}:{mark_of(values)}" if status in LIVE else "",
        changed=changed,
    )


def charge_of(values: Mapping[str, Any]) -> tuple[Any, str]:
    """What the provider charged, or what it is expected to while it has not said."""
    charge = values["charge"] if values["charge"] is not None else values["expected_charge"]
    return charge, values["currency"]


def words_beside(status: str, provider_status: str, error: str) -> str:
    """The provider's own word where it says more than the state does, else what went wrong."""
    plain = provider_status.strip().casefold().replace(" ", "_").replace("cancelled", "canceled")
    if provider_status and plain != status:
        return provider_status
    return error


def _progress(values: Mapping[str, Any], tone: str) -> SafeString | str:
    total = values["quantity"] or values["billed_quantity"]
    bar = format_progress(total=total, remains=values["remains"], tone=tone, start_count=values["start_count"])
    return bar.html if bar else (format_count(total) if total else "")
