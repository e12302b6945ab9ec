"""Batches that follow each other share their bookkeeping and are saved together."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order, OrderEvent
from orders.polling import poller
from orders.polling import services as polling_services
from orders.polling.subjects import ORDERS
from providers.models import CallCount, CallSlot, Provider
from providers.sandbox import Fault, Panel
from tests.helpers.at_sandbox import LONG
from tests.helpers.polled_orders import asked_for, put, states_of

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 40


@pytest.fixture
def quick(provider: Provider) -> Provider:
    """The provider at a rate that makes no call wait."""
    Provider.objects.filter(pk=provider.pk).update(requests_per_minute=60_000)
    provider.refresh_from_db()
    return provider


def test_ten_batches_in_which_all_orders_change_take_few_statements(
    quick: Provider, panel: Panel, monkeypatch: Any
) -> None:
    monkeypatch.setattr("providers.calls.admission.KEPT_SECONDS", 60.0)
    put(quick, panel, 1_000)
    polling_services.sync_now(ORDERS, quick)
    panel.advance(LONG)

    with CaptureQueriesContext(connection) as captured:
        synced = polling_services.sync_now(ORDERS, quick)

    assert (synced.calls, synced.changed) == (10, 1_000)
    own = [query for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(own) <= MOST_STATEMENTS, "\n".join(query["sql"][:100] for query in own)


def test_each_call_is_counted_and_no_place_is_kept(quick: Provider, panel: Panel) -> None:
    put(quick, panel, 450)
    panel.advance(LONG)

    polling_services.sync_now(ORDERS, quick)

    count = CallCount.objects.get(provider=quick, action="multi_status")
    assert (count.outcome, count.calls) == ("ok", 5)
    assert count.seconds > 0
    assert not CallSlot.objects.exclude(holder="").exists()
    quick.refresh_from_db()
    assert quick.last_success_at is not None


def test_what_was_answered_before_a_failure_is_saved_and_the_rest_requested_again(
    quick: Provider, panel: Panel, monkeypatch: Any
) -> None:
    orders = put(quick, panel, 400)
    panel.advance(LONG)
    real, calls = poller.ask_batch, []

    def fail_in_the_third(*args: Any) -> bool:
        calls.append(args)
        if len(calls) == 3:
            panel.misbehave(Fault.html_500_before_accept, action="status")
        return real(*args)

    monkeypatch.setattr(poller, "ask_batch", fail_in_the_third)
    synced = polling_services.sync_now(ORDERS, quick)

    assert set(states_of(orders)[:200]) == {"completed"}
    assert synced.failure
    assert Order.objects.exclude(unknown_answers=0).count() == 0
    panel.behave()
    polling_services.sync_now(ORDERS, quick)
    assert set(states_of(orders)) == {"completed"}
    assert OrderEvent.objects.filter(after="completed").count() == 400


def test_a_stretch_ends_after_a_while(quick: Provider, panel: Panel, monkeypatch: Any) -> None:
    monkeypatch.setattr("providers.calls.admission.KEPT_SECONDS", 0.0)
    saved: list[int] = []
    real = poller.save_answers

    def save(run: Any, request: Any, rows: Any) -> Any:
        saved.append(len(rows))
        return real(run, request, rows)

    monkeypatch.setattr(poller, "save_answers", save)
    put(quick, panel, 300)

    polling_services.sync_now(ORDERS, quick)

    assert saved == [100, 100, 100]
    assert len(asked_for(panel)) == 3
