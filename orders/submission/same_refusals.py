"""The same unlisted refusal for different orders is about the account or the service, whatever it says.

Three orders of at least two services and two links pause the provider with the words; three of one service hold that
service. What was not sent stays queued. Listed refusals never get here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from orders.models import Attempt, BalanceCheck
from orders.submission.call_types import ORDERS, PRODUCT_ORDERS, CallType
from providers.calls import circuit_breaker
from providers.models import Provider, Service

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from orders.submission.results import Result

ORDERS_NEEDED: Final = 3
WITHIN: Final = timedelta(hours=24)
MOST: Final = 50


def note_refusals(kind: CallType, provider: Provider, rows: Sequence[Any], results: Mapping[int, Result]) -> str:
    """Pause the provider or hold a service when an unlisted refusal came too often; which it was, or ""."""
    refused = [row for row in rows if results[row.pk].unlisted]
    if not refused or kind not in (ORDERS, PRODUCT_ORDERS):
        return ""
    checks = BalanceCheck.objects.filter(**{f"{kind.subject}_id": refused[0].pk}).order_by("-id")
    words = checks.values_list("words", flat=True).first()
    if words is None:
        return ""
    alike = _find_alike(provider, words)
    targets = {
        (check.order.target_key or check.order.link) if check.order else check.product_order_id for check in alike
    }
    services = {
        ("service", check.order.service_id)
        if check.order
        else ("product", check.product_order.product_id if check.product_order else None)
        for check in alike
    }
    if len(alike) < ORDERS_NEEDED or len(targets) < 2:
        return ""
    text = results[refused[0].pk].text
    if len(services) > 1:
        circuit_breaker.pause(provider, kind=Provider.Pause.SAME_REFUSAL, text=text)
        return "provider"
    ((sold, pk),) = services
    return "service" if sold == "service" and pk is not None and _hold_service(provider, pk) else ""


def _find_alike(provider: Provider, words: str) -> list[BalanceCheck]:
    """Return the refusals in these words since the account last accepted an order."""
    bought = Attempt.objects.filter(
        provider=provider, action__in=("add", "add_product_order"), outcome=Attempt.Outcome.ACCEPTED
    )
    last = bought.order_by("-started_at").values_list("started_at", flat=True).first()
    since = timezone.now() - WITHIN
    found = BalanceCheck.objects.filter(provider=provider, words=words, made_at__gt=max(since, last or since))
    return list(found.select_related("order", "product_order").order_by("-id")[:MOST])


def _hold_service(provider: Provider, service_id: int) -> bool:
    held = Service.objects.filter(pk=service_id, provider=provider, hold_reason="")
    if not held.update(hold_reason=Service.Hold.REFUSED):
        return False
    # The failures were this service's: the account goes on with the others.
    Provider.objects.filter(pk=provider.pk).update(paid_failures=0, failures_in_a_row=0, breaker_until=None)
    return True
