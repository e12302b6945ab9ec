"""An order without an answer is left as it is and counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from orders.polling.order_updates import SHOWN_AFTER, Applied
from providers.client.types import RowError
from providers.models import Provider
from tests.helpers.makers import make_provider
from tests.helpers.order_updates import NOW, apply, history, pending_order, says

pytestmark = pytest.mark.django_db
BEFORE = NOW - timedelta(hours=3)


@pytest.fixture
def provider() -> Provider:
    return make_provider(currency="EUR")


def test_an_order_without_an_answer_is_left_as_it_is_and_counted(provider: Provider) -> None:
    order = pending_order(provider, remains=3)
    refused = pending_order(provider)

    applied = apply((order, None), (refused, RowError("Incorrect order ID")))

    assert applied == Applied(changed=0, moved=0, missing=2)
    for left in (order, refused):
        assert (left.status, left.unknown_answers, left.unknown_since, left.error) == ("pending", 1, NOW, "")
        assert not left.events.exists()
    assert order.remains == 3


def test_an_id_that_stays_unknown_is_shown_once_and_costs_nothing_more(provider: Provider) -> None:
    order = pending_order(provider)
    for _try in range(SHOWN_AFTER + 3):
        apply((order, RowError("Incorrect order ID")))

    assert order.unknown_answers == SHOWN_AFTER
    assert history(order) == [("warning", "", "", "Incorrect order ID")]
    with CaptureQueriesContext(connection) as captured:
        apply((order, None))
    assert not [query for query in captured if query["sql"].startswith(("UPDATE", "INSERT"))]


def test_an_answer_ends_the_counting(provider: Provider) -> None:
    order = pending_order(provider, provider_status="pending", unknown_answers=4, unknown_since=BEFORE)

    apply((order, says("pending")))

    assert (order.unknown_answers, order.unknown_since) == (0, None)
    assert not order.events.exists()


def test_what_was_not_polled_is_not_counted(provider: Provider) -> None:
    order = pending_order(provider)

    apply((order, None), unasked={str(order.external_id)})

    assert order.unknown_answers == 0


def test_an_id_that_spoils_batches_is_polled_less_often(provider: Provider) -> None:
    order = pending_order(provider)
    old = pending_order(provider, tier=Order.Tier.RESTING)

    apply((order, RowError("?")), (old, RowError("?")), poison={str(order.external_id), str(old.external_id)})

    assert (order.tier, old.tier) == (Order.Tier.SLOW, Order.Tier.RESTING)
