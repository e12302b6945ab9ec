"""A naive sender goes through the checker of conservation and is caught, and so is whatever else breaks the books."""

from __future__ import annotations

from typing import Any

import pytest

from orders.models import Order
from orders.submission import services as submission_services
from providers.calls.services import client_for
from providers.client.errors import ProviderError
from providers.models import Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import join, list_service, pick_service, queue_order
from tests.helpers.conservation import check_conservation

pytestmark = pytest.mark.long


def send_naively(provider: Provider) -> None:
    """What is usually written: try again on any error, and call it rejected when that does not help."""
    client = client_for(provider)
    queued: Any = Order.objects.filter(provider=provider, status="queued").select_related("service")
    for order in queued:
        for _attempt in range(3):
            try:
                placed = client.add(
                    {"service": order.service.external_id, "link": order.link, "quantity": str(order.quantity)}
                )
            except ProviderError:
                continue
            Order.objects.filter(pk=order.pk).update(status="pending", external_id=placed.order)
            break
        else:
            Order.objects.filter(pk=order.pk).update(status="rejected")


@pytest.fixture
def account(box: Sandbox) -> Any:
    provider = join(box, "standard")
    box.panel("standard").balance = 1_000_000
    service = list_service(provider, pick_service(box.panel("standard")))
    for number in range(20):
        queue_order(service, number=number)
    return provider


@pytest.mark.django_db(transaction=True)
def test_a_naive_sender_is_caught_paying_twice(box: Sandbox, account: Provider) -> None:
    box.panel("standard").misbehave(Fault.reset_after_accept, action="add", probability=0.3)

    send_naively(account)

    violations = check_conservation(box.ledger, [account])
    assert any("2 accepted there, at most 1 possible here" in sentence for sentence in violations)
    assert any("calls of add were read, 0 tries are kept" in sentence for sentence in violations)


@pytest.mark.django_db(transaction=True)
def test_a_naive_sender_is_caught_losing_what_was_accepted(box: Sandbox, account: Provider) -> None:
    box.panel("standard").misbehave(Fault.html_502_after_accept, action="add", times=3)

    send_naively(account)

    violations = check_conservation(box.ledger, [account])
    assert any("3 accepted there, at most 0 possible here (['rejected'])" in sentence for sentence in violations)


@pytest.mark.django_db(transaction=True)
def test_the_engine_passes_where_the_naive_sender_fails(box: Sandbox, account: Provider) -> None:
    box.panel("standard").misbehave(Fault.reset_after_accept, action="add", probability=0.3)

    for _round in range(30):
        Provider.objects.filter(pk=account.pk).update(breaker_until=None, paid_failures=0)
        submission_services.send_due(account)

    assert check_conservation(box.ledger, [account], at_rest=True) == []
    assert Order.objects.filter(status="unconfirmed").exists()
    assert not Order.objects.filter(status="queued").exists()


@pytest.mark.django_db(transaction=True)
def test_an_id_that_is_given_twice_is_on_one_order_only(box: Sandbox, account: Provider) -> None:
    panel = box.panel("standard")
    submission_services.send_due(account)
    last = queue_order(Service.objects.get(), number=99)
    panel.misbehave(Fault.same_id_twice, action="add", times=1)

    submission_services.send_due(account)

    last.refresh_from_db()
    assert (last.status, last.external_id) == ("unconfirmed", None)
    assert "which another order already has" in last.error
    assert check_conservation(box.ledger, [account]) == []


@pytest.mark.django_db(transaction=True)
def test_an_id_that_was_invented_or_belongs_to_another_is_caught(box: Sandbox, account: Provider) -> None:
    submission_services.send_due(account)
    first, second = Order.objects.order_by("pk")[:2]
    assert check_conservation(box.ledger, [account]) == []

    Order.objects.filter(pk=first.pk).update(external_id="999999999")
    assert any("never gave ['999999999']" in one for one in check_conservation(box.ledger, [account]))

    Order.objects.filter(pk=second.pk).update(status="queued", external_id=None)
    assert any("at most 0 possible here (['queued'])" in one for one in check_conservation(box.ledger, [account]))
