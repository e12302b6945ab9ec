"""F20 and F21: batches of states that lie in every way, at the size of a busy hub."""

from __future__ import annotations

from typing import Any

import pytest

from orders.models import Order
from orders.polling import services as polling_services
from orders.polling.subjects import ORDERS
from providers.calls import circuit_breaker
from providers.models import Provider, Service
from providers.sandbox import Fault, Panel, Sandbox
from tests.faults.conftest import PLENTY
from tests.faults.sizes import size
from tests.helpers.at_sandbox import LONG, calls_of, join, list_service, pick_service, place_directly

pytestmark = [pytest.mark.django_db, pytest.mark.long]

LIES = [
    Fault.missing_ids,
    Fault.extra_ids,
    Fault.wrong_container,
    Fault.unknown_word,
    Fault.status_goes_back,
    Fault.charge_changes,
    Fault.charge_not_a_number,
    Fault.not_a_number,
    Fault.huge_number,
    Fault.null_body,
    Fault.deep_nesting,
    Fault.cut_body,
    Fault.html_200,
]


def own(service: Service, ids: list[str]) -> None:
    plain: dict[str, Any] = {"provider": service.provider, "service": service, "status": "pending"}
    Order.objects.bulk_create(
        [Order(external_id=one, link=f"https://e.example/{one}", quantity=100, **plain) for one in ids]
    )


def test_f20_whatever_a_batch_says_every_order_is_right_once_the_truth_is_known(
    panel: Panel, provider: Provider, service: Service
) -> None:
    ids = place_directly(panel, panel.services[int(service.external_id)], size(10_000, sample=120))
    own(service, ids)
    panel.advance(LONG)

    for lie in LIES:
        rule = panel.misbehave(lie, action="status")
        polling_services.sync_now(ORDERS, provider)
        panel.behave(rule)
        circuit_breaker.resume(provider)
        assert Order.objects.filter(external_id__in=ids[:500]).count() == len(ids[:500])
    poison = panel.misbehave(Fault.poison_id, action="status", ids=[ids[7]])
    polling_services.sync_now(ORDERS, provider)
    panel.behave(poison)
    circuit_breaker.resume(provider)
    synced = polling_services.sync_now(ORDERS, provider)

    assert not synced.failure
    assert dict.fromkeys(Order.objects.values_list("status", flat=True)) == {"completed": None}
    charges = {str(order.id): order.charge for order in panel.orders.values()}
    assert all(
        charge == charges[str(external_id)]
        for external_id, charge in Order.objects.values_list("external_id", "charge")
    )


def test_f21_a_hundred_and_one_ids_go_in_two_calls(panel: Panel, provider: Provider, service: Service) -> None:
    own(service, place_directly(panel, panel.services[int(service.external_id)], 101))

    polling_services.sync_now(ORDERS, provider)

    sizes = sorted(
        len(call.params.get("orders", call.params.get("order", "")).split(",")) for call in calls_of(panel, "status")
    )
    assert sum(sizes) == 101
    assert max(sizes) <= 100


def test_f21_a_provider_that_knows_no_batches_is_polled_one_by_one(box: Sandbox) -> None:
    panel = box.panel("smpanelim")
    panel.balance = PLENTY
    provider = join(box, "smpanelim")
    offered = pick_service(panel)
    service = list_service(provider, offered)
    own(service, place_directly(panel, offered, size(50, sample=5)))
    panel.advance(LONG)

    polling_services.sync_now(ORDERS, provider)

    assert set(Order.objects.values_list("status", flat=True)) <= {"completed", "partial"}
