"""Replies that come after a decision."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from orders.models import (
    Attempt,
    Order,
    OrderEvent,
)
from orders.placement.services import approve_order
from orders.settlement import services as settlement_services
from orders.settlement.adoption import adopt
from orders.settlement.id_confirmation import confirm
from orders.settlement.services import CannotSettle
from orders.submission import records, results
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS, Accepted
from providers.models import Provider, Service
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import calls_of
from tests.helpers.lost_orders import lose_reply
from tests.helpers.makers import LONG_AGO, make_person


def _accepted(order: Order, external_id: str) -> Any:
    return results.results_of([order], {order.pk: Accepted(external_id)}, None)


@pytest.mark.django_db(transaction=True)
def test_a_late_reply_after_sending_again_is_kept_on_its_try_and_raised_as_a_second_purchase(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose_reply(box, provider, service)
    token = Attempt.objects.get(order=lost).call
    Attempt.objects.update(finished_at=None, started_at=timezone.now() - LONG_AGO)
    Order.objects.update(claimed_at=timezone.now() - LONG_AGO)
    lost.refresh_from_db()
    settlement_services.send_again(lost, by=make_person(), reason="not to be found")
    outcomes = _accepted(lost, real_id)

    records.record(ORDERS, provider, token, [lost], outcomes, seconds=90.0)

    lost.refresh_from_db()
    assert (lost.status, lost.external_id) == ("held", None)
    attempt = Attempt.objects.get(order=lost)
    assert attempt.late_id == real_id
    warning = OrderEvent.objects.get(order=lost, kind="warning")
    assert "second purchase" in warning.words

    approve_order(lost, by=make_person())
    submission_services.send_due(provider, kinds=[ORDERS])
    lost.refresh_from_db()
    assert lost.status == "pending"
    assert lost.external_id != real_id
    with pytest.raises(CannotSettle, match="already resolved it"):
        settlement_services.adopt_late_id(attempt, by=make_person())

    person = make_person()
    settlement_services.dismiss_second_purchase(attempt, by=person, reason="refunded by support")
    with pytest.raises(CannotSettle):
        settlement_services.dismiss_second_purchase(attempt, by=person, reason="again")


@pytest.mark.django_db(transaction=True)
def test_a_late_id_is_taken_for_the_order_itself_before_it_is_sent_again(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose_reply(box, provider, service)
    token = Attempt.objects.get(order=lost).call
    Attempt.objects.update(finished_at=None, started_at=timezone.now() - LONG_AGO)
    Order.objects.update(claimed_at=timezone.now() - LONG_AGO)
    settlement_services.send_again(Order.objects.get(), by=make_person(), reason="not to be found")
    records.record(ORDERS, provider, token, [lost], _accepted(lost, real_id), seconds=90.0)
    attempt = Attempt.objects.get(order=lost)

    made = settlement_services.adopt_late_id(attempt, by=make_person())

    lost.refresh_from_db()
    assert (lost.status, lost.external_id, lost.held_for) == ("pending", real_id, "")
    assert (made.external_id, made.reason) == (real_id, "Named in a late reply.")
    assert submission_services.send_due(provider, kinds=[ORDERS]).calls == 0
    assert len(calls_of(box.panel("smmplus"), "add")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_late_reply_with_the_id_that_was_adopted_is_no_second_purchase(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose_reply(box, provider, service)
    token = Attempt.objects.get(order=lost).call
    Attempt.objects.update(finished_at=None)
    confirm(adopt(lost, external_id=real_id, by=make_person(), reason="seen").pk)

    outcomes = _accepted(lost, real_id)
    records.record(ORDERS, provider, token, [lost], outcomes, seconds=90.0)

    assert Attempt.objects.get(order=lost).late_id == ""
    assert not OrderEvent.objects.filter(kind="warning").exists()


@pytest.mark.django_db(transaction=True)
def test_a_reply_that_is_late_but_before_any_decision_places_the_order(
    box: Sandbox, account: tuple[Provider, Service]
) -> None:
    provider, service = account
    lost, real_id = lose_reply(box, provider, service)
    token = Attempt.objects.get(order=lost).call
    Attempt.objects.update(finished_at=None)

    outcomes = _accepted(lost, real_id)
    records.record(ORDERS, provider, token, [lost], outcomes, seconds=90.0)

    lost.refresh_from_db()
    assert (lost.status, lost.external_id) == ("pending", real_id)
    with pytest.raises(CannotSettle, match="lready resolved"):
        settlement_services.send_again(lost, by=make_person(), reason="Too late. The request has already been sent")
