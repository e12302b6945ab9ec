"""F16, F17 and F18: a provider that takes few requests, one that fails everything, and one that is slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from orders.models import Order
from orders.submission import services as submission_services
from panelhub.background import dispatch
from panelhub.schedule import CLICKS
from providers.calls import circuit_breaker
from providers.calls.admission import admission
from providers.models import Provider, RequestBudget, Service
from providers.sandbox import Fault, Panel, Sandbox
from tests.faults.conftest import PLENTY, side_by_side
from tests.faults.sizes import size
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order
from tests.helpers.conservation import check_conservation
from tests.helpers.waiting import wait_until

pytestmark = pytest.mark.long

PATIENCE = 180.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def send_until_stopped(provider_id: int) -> None:
    submission_services.send_due(Provider.objects.get(pk=provider_id))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "fault",
    [Fault.rate_limited, Fault.rate_limited_retry_after, Fault.rate_limited_absurd, Fault.rate_limited_text],
    ids=str,
)
def test_f16_in_a_storm_of_rate_limits_each_order_is_placed_once_and_waits_are_bounded(
    box: Sandbox,
    panel: Panel,
    provider: Provider,
    service: Service,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The waits are measured below and not sat out.
    monkeypatch.setattr(submission_services, "admission", partial(admission, patience=0.05))
    count = size(300, sample=12)
    for number in range(count):
        queue_order(service, number=number)
    panel.misbehave(fault, action="add", probability=0.8)
    longest = 0.0
    while Order.objects.filter(status="queued").exists():
        submission_services.send_due(provider, seconds=0.05)
        priority = RequestBudget.objects.get(provider=provider)
        longest = max(longest, priority.held_until - time.time())
        RequestBudget.objects.filter(provider=provider).update(held_until=0)
        Order.objects.filter(status="queued").update(not_before=None)

    assert 0 < longest <= circuit_breaker.LONGEST_RETRY_AFTER + 1
    if fault is Fault.rate_limited:
        assert longest <= circuit_breaker.RATE_LIMIT_PAUSE + 1
    assert Order.objects.filter(status="pending").count() == count
    assert len(box.ledger.orders("standard")) == count
    assert check_conservation(box.ledger, [provider], at_rest=True) == []


@pytest.mark.django_db(transaction=True)
def test_f17_an_outage_stays_small_and_all_others_are_placed_after_it(
    box: Sandbox, panel: Panel, provider: Provider, service: Service
) -> None:
    count, workers = size(1_000, sample=60), 8
    for number in range(count):
        queue_order(service, number=number)
    outage = panel.misbehave(Fault.html_502_before_accept)

    side_by_side(*[lambda: send_until_stopped(provider.pk)] * workers)
    # Minutes of it: whenever the breaker may be probed, it is, and by no paid call.
    for _probe in range(10):
        Provider.objects.filter(pk=provider.pk, breaker_until__isnull=False).update(breaker_until=LONG_AGO)
        side_by_side(*[lambda: send_until_stopped(provider.pk)] * 2)

    most = circuit_breaker.FAILURES_TO_OPEN + workers
    assert len(calls_of(panel, "add")) <= most
    assert Order.objects.filter(status="unconfirmed").count() <= most
    assert calls_of(panel, "balance")

    panel.behave(outage)
    Provider.objects.filter(pk=provider.pk).update(breaker_until=LONG_AGO)
    side_by_side(*[lambda: send_until_stopped(provider.pk)] * workers)
    while Order.objects.filter(status="queued").exists():
        send_until_stopped(provider.pk)

    assert Order.objects.filter(status="pending").count() >= count - most
    assert check_conservation(box.ledger, [provider], at_rest=True) == []


def test_f18_a_provider_that_hangs_holds_up_no_other(box: Sandbox, start_worker: Callable[..., Any]) -> None:
    slow, fast = (join(box, slug) for slug in ("standard", "smmplus"))
    for provider in (slow, fast):
        box.panel(provider.dialect).balance = PLENTY
    services = {one.pk: list_service(one, pick_service(box.panel(one.dialect))) for one in (slow, fast)}
    # Longer than all that follows takes: not one of its calls ends meanwhile.
    box.panel("standard").misbehave(Fault.hang_before_accept, seconds=600.0)
    for number in range(size(100, sample=20)):
        queue_order(services[slow.pk], number=number)
    start_worker(concurrency=8)
    for _ring in range(8):
        dispatch.publish("orders.submission.tasks.submit_provider", slow.pk, queue=CLICKS)
    wait_until(lambda: Order.objects.filter(provider=slow, status="sending").exists(), what="the slow one to hang")

    for number in range(size(200, sample=20)):
        queue_order(services[fast.pk], number=number)
    dispatch.publish("orders.submission.tasks.submit_provider", fast.pk, queue=CLICKS)

    wait_until(
        lambda: not Order.objects.filter(provider=fast).exclude(status="pending").exists(),
        seconds=PATIENCE,
        what="the fast one's orders",
    )
    assert Order.objects.filter(provider=slow, status="sending").exists(), "the slow one still hangs"
