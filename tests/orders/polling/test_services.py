"""Status checks of orders at a panel over real HTTP."""

from __future__ import annotations

import math
import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Order, OrderEvent, PollRound
from orders.polling import poller, rounds
from orders.polling import services as polling_services
from orders.polling.order_updates import SHOWN_AFTER
from orders.polling.subjects import ORDERS
from providers.models import Provider
from providers.sandbox import Fate, Fault, Panel, Sandbox
from tests.helpers.at_sandbox import LONG, join, pick_service, place_directly
from tests.helpers.polled_orders import asked_for, put, states_of

pytestmark = pytest.mark.django_db
TIER = Order.Tier


# --- What a round asks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250, 1000])
def test_a_hundred_ids_go_into_a_call(provider: Provider, panel: Panel, count: int) -> None:
    put(provider, panel, count)
    panel.advance(LONG)

    synced = polling_services.sync_now(ORDERS, provider)

    assert len(asked_for(panel)) == synced.calls == math.ceil(count / 100)
    assert (synced.asked, synced.changed, synced.missing, synced.failure) == (count, count, 0, "")
    assert set(Order.objects.values_list("status", "currency")) == {("completed", "USD")}


def test_an_order_is_followed_from_pending_to_its_end(provider: Provider, panel: Panel) -> None:
    (order,) = put(provider, panel, 1)
    panel.decide(int(order.external_id or 0), Fate.partial, share=0.5)
    while order.status != "partial":
        panel.advance(60)
        polling_services.sync_now(ORDERS, provider)
        order.refresh_from_db()

    quantity = pick_service(panel).minimum
    assert order.remains == quantity // 2
    assert order.start_count is not None
    assert order.charge == pytest.approx(panel.orders[int(order.external_id or 0)].charge / 2, rel=Decimal("0.01"))
    assert order.started_at is not None
    assert order.finished_at is not None
    words = list(order.events.values_list("words", flat=True))
    assert words[-1] == "Partial"
    assert len(words) == len(set(words))
    assert sum(delta.amount for delta in order.charge_deltas.all()) == order.charge


def test_the_whole_of_everything_is_polled_by_hand(provider: Provider, panel: Panel) -> None:
    """Open and resting, whatever tier they are in and whenever they were polled last."""
    for tier in ORDERS.paces:
        put(provider, panel, 1, tier=tier)
    forgotten = put(provider, panel, 1, tier=TIER.NONE)
    resting = put(provider, panel, 1, tier=TIER.RESTING, status="completed")
    put(provider, panel, 1, tier=TIER.NONE, status="completed")
    put(provider, panel, 1, status="given_up")
    panel.advance(LONG)
    PollRound.objects.update(due_at=timezone.now() + timedelta(days=1))

    synced = polling_services.sync_now(ORDERS, provider)

    assert (synced.asked, len(asked_for(panel))) == (6, 1)
    assert states_of(forgotten + resting) == ["completed", "completed"]


def test_the_background_asks_only_about_what_is_due(provider: Provider, panel: Panel) -> None:
    new, slow = put(provider, panel, 1), put(provider, panel, 1, tier=TIER.SLOW)
    rounds.ensure_rounds(provider.pk, "order", ORDERS.paces)
    PollRound.objects.filter(tier=TIER.SLOW).update(due_at=timezone.now() + timedelta(minutes=5))
    panel.advance(LONG)

    synced = polling_services.sync_due(ORDERS, provider)

    assert synced.asked == 1
    assert states_of(new + slow) == ["completed", "pending"]
    assert polling_services.sync_due(ORDERS, provider) == polling_services.Synced()


def test_no_order_starves_behind_a_batch_that_always_fails(provider: Provider, panel: Panel) -> None:
    """What is left out of a round for a failure does not keep the round from going on."""
    provider.overrides = {"limits": {"multi_status": 2}}
    provider.save()
    orders = put(provider, panel, 6)
    panel.advance(LONG)
    bad = orders[2].external_id or ""
    panel.misbehave(Fault.html_500_before_accept, action="status", match=lambda params: bad in params["orders"])

    synced = polling_services.sync_now(ORDERS, provider)

    assert states_of(orders) == ["completed", "completed", "pending", "pending", "completed", "completed"]
    assert synced.failure
    assert synced.asked == 4
    assert not Order.objects.filter(unknown_answers__gt=0).exists()


# --- What can go wrong with a reply -----------------------------------------------------------------------------------


def test_missing_ids_are_left_as_they_are_and_counted(provider: Provider, panel: Panel) -> None:
    orders = put(provider, panel, 4)
    panel.advance(LONG)
    left_out = orders[1].external_id or ""
    panel.misbehave(Fault.missing_ids, action="status", ids=[left_out])

    for _round in range(SHOWN_AFTER):
        synced = polling_services.sync_now(ORDERS, provider)

    orders[1].refresh_from_db()
    assert synced.missing == 1
    assert states_of(orders) == ["completed", "pending", "completed", "completed"]
    assert orders[1].unknown_answers == SHOWN_AFTER
    assert [event.kind for event in orders[1].events.all()] == ["warning"]
    panel.behave()
    polling_services.sync_now(ORDERS, provider)
    orders[1].refresh_from_db()
    assert (orders[1].status, orders[1].unknown_answers) == ("completed", 0)


def test_ids_never_requested_are_ignored(box: Sandbox, provider: Provider, panel: Panel) -> None:
    other = join(box, "smmplus", name="second account")
    mine, theirs = put(provider, panel, 2), place_directly(panel, pick_service(panel), 2)
    strangers = [Order.objects.create(provider=other, external_id=one, status="pending") for one in theirs]
    panel.advance(LONG)
    panel.misbehave(Fault.extra_ids, action="status")

    synced = polling_services.sync_now(ORDERS, provider)

    assert synced.asked == 2
    assert states_of(mine + strangers) == ["completed", "completed", "pending", "pending"]


@pytest.mark.parametrize("place", [0, 57, 99])
def test_one_poison_id_costs_few_calls_and_no_other_row(provider: Provider, panel: Panel, place: int) -> None:
    orders = put(provider, panel, 100)
    panel.advance(LONG)
    panel.misbehave(Fault.poison_id, action="status", ids=[orders[place].external_id or ""])

    synced = polling_services.sync_now(ORDERS, provider)

    assert synced.calls <= 1 + 2 * math.ceil(math.log2(100))
    assert states_of(orders).count("completed") == 99
    poison = Order.objects.get(pk=orders[place].pk)
    assert (poison.status, poison.unknown_answers, poison.tier) == ("pending", 1, TIER.SLOW)


def test_a_status_that_goes_back_is_applied_and_shown_as_reopened(provider: Provider, panel: Panel) -> None:
    (order,) = put(provider, panel, 1)
    panel.advance(LONG)
    polling_services.sync_now(ORDERS, provider)
    panel.misbehave(Fault.status_goes_back, action="status")

    polling_services.sync_now(ORDERS, provider)

    order.refresh_from_db()
    assert order.status == "in_progress"
    assert order.reopened_at is not None
    assert order.finished_at is None
    assert [event.kind for event in order.events.all()] == ["state", "reopened"]


def test_a_charge_that_changes_is_accounted_for(provider: Provider, panel: Panel) -> None:
    (order,) = put(provider, panel, 1)
    panel.advance(LONG)
    polling_services.sync_now(ORDERS, provider)
    order.refresh_from_db()
    before = order.charge or Decimal(0)
    panel.misbehave(Fault.charge_changes, action="status")

    polling_services.sync_now(ORDERS, provider)

    order.refresh_from_db()
    assert order.charge == 3 * before
    assert [delta.amount for delta in order.charge_deltas.all()] == [before, 2 * before]


@pytest.mark.parametrize(
    "fault", [Fault.charge_not_a_number, Fault.unknown_word, Fault.not_a_number, Fault.huge_number]
)
def test_what_is_no_figure_and_no_state_is_not_taken_for_one(provider: Provider, panel: Panel, fault: Fault) -> None:
    orders = put(provider, panel, 3, charge=Decimal(5), currency="USD")
    panel.advance(LONG)
    panel.misbehave(fault, action="status")

    polling_services.sync_now(ORDERS, provider)

    for order in Order.objects.filter(pk__in=[order.pk for order in orders]):
        assert order.charge == Decimal(5)
        if fault is Fault.unknown_word:
            assert order.status == "pending"
            assert order.provider_status not in ("", "Completed")


# --- Many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_a_round_and_no_one_asks_twice(box: Sandbox) -> None:
    provider, panel = join(box, "smmplus", overrides={"limits": {"multi_status": 5}}), box.panel("smmplus")
    panel.balance = 1_000_000
    orders = put(provider, panel, 400)
    panel.advance(LONG)
    done: list[polling_services.Synced] = []

    def work() -> None:
        try:
            done.append(polling_services.sync_now(ORDERS, Provider.objects.get(pk=provider.pk)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert set(states_of(orders)) == {"completed"}
    asked = [one for ids in asked_for(panel) for one in ids]
    assert len(asked) >= 400
    assert OrderEvent.objects.filter(after="completed").count() == 400
    assert sum(synced.changed for synced in done) == 400
    assert sum(synced.calls for synced in done) == len(asked_for(panel))
    assert {synced.failure for synced in done} == {""}


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_halfway_costs_nothing_but_a_few_reads(box: Sandbox, monkeypatch: Any) -> None:
    """The next one goes on where it was, and no order has a line of history twice."""
    provider, panel = join(box, "smmplus", overrides={"limits": {"multi_status": 5}}), box.panel("smmplus")
    panel.balance = 1_000_000
    orders = put(provider, panel, 60)
    panel.advance(LONG)
    real, calls = poller.ask_batch, []

    def die_in_the_third(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise SystemExit
        return real(*args)

    monkeypatch.setattr(poller, "ask_batch", die_in_the_third)
    with pytest.raises(SystemExit):
        polling_services.sync_now(ORDERS, provider)
    monkeypatch.setattr(poller, "ask_batch", real)
    assert 10 <= states_of(orders).count("completed") < 60

    polling_services.sync_due(ORDERS, provider)

    assert set(states_of(orders)) == {"completed"}
    assert OrderEvent.objects.filter(after="completed").count() == 60


def test_statements_a_batch_do_not_grow_with_the_orders(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 200)
    polling_services.sync_now(ORDERS, provider)
    counts = []
    for extra in (0, 800):
        put(provider, panel, extra)
        panel.advance(LONG)
        with CaptureQueriesContext(connection) as captured:
            synced = polling_services.sync_now(ORDERS, provider)
        own = [
            query["sql"]
            for query in captured
            if "orders_" in query["sql"] and not query["sql"].startswith(("SAVEPOINT", "RELEASE"))
        ]
        counts.append((len(own), synced.calls))

    (few, few_calls), (many, many_calls) = counts
    assert (many - few) / (many_calls - few_calls) <= 3.5


# --- For a person -----------------------------------------------------------------------------------------------------


def test_one_order_can_be_checked_at_once(provider: Provider, panel: Panel) -> None:
    order, other = put(provider, panel, 2)
    panel.advance(LONG)

    synced = polling_services.check_now(order)

    assert (synced.asked, synced.changed, synced.failure) == (1, 1, "")
    assert states_of([order, other]) == ["completed", "pending"]
    assert asked_for(panel) == [[order.external_id]]


def test_checking_says_what_went_wrong(provider: Provider, panel: Panel) -> None:
    (order,) = put(provider, panel, 1)
    panel.misbehave(Fault.html_500_before_accept, action="status")

    synced = polling_services.check_now(order)

    assert "500" in synced.failure
    order.refresh_from_db()
    assert (order.status, order.unknown_answers) == ("pending", 0)


@pytest.mark.parametrize("status", ["queued", "unconfirmed", "rejected"])
def test_what_is_not_at_the_provider_is_not_checked(provider: Provider, panel: Panel, status: str) -> None:
    order = Order.objects.create(provider=provider, status=status)

    assert polling_services.check_now(order).calls == 0
