"""Asking a panel over real HTTP where orders, refills and product orders stand."""

from __future__ import annotations

import math
import threading
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Order, OrderEvent, PollRound, ProductOrder, Refill
from orders.polling import poll_run, poller, rounds
from orders.polling import services as polling_services
from orders.polling.order_updates import SHOWN_AFTER
from orders.polling.subjects import ORDERS, PRODUCT_ORDERS, REFILLS
from panelhub.encryption import vault
from providers.calls import circuit_breaker
from providers.models import Provider
from providers.sandbox import Fate, Fault
from tests.helpers.at_sandbox import LONG, calls_of, join, make_completed, pick_service, place_directly

if TYPE_CHECKING:
    from providers.sandbox import Panel, Sandbox

pytestmark = pytest.mark.django_db

TIER = Order.Tier


@pytest.fixture
def provider(box: Sandbox) -> Provider:
    return join(box, "smmplus")


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    return panel


def put(provider: Provider, panel: Panel, count: int, **fields: Any) -> list[Order]:
    """Orders that the panel has accepted, as rows that hold no more than the names everybody relies on."""
    ids = place_directly(panel, pick_service(panel), count)
    plain: dict[str, Any] = {"status": "pending"}
    return Order.objects.bulk_create([Order(provider=provider, external_id=one, **(plain | fields)) for one in ids])


def states_of(orders: list[Order]) -> list[str]:
    found = dict(Order.objects.filter(pk__in=[order.pk for order in orders]).values_list("pk", "status"))
    return [found[order.pk] for order in orders]


def asked_for(panel: Panel) -> list[list[str]]:
    """The ids of each status request."""
    return [
        (call.params.get("orders") or call.params.get("order") or "").split(",") for call in calls_of(panel, "status")
    ]


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


def test_the_whole_of_everything_is_asked_about_by_hand(provider: Provider, panel: Panel) -> None:
    """Open and resting, whatever tier they are in and whenever they were asked about last."""
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


def test_ids_never_asked_for_are_ignored(box: Sandbox, provider: Provider, panel: Panel) -> None:
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


# --- Outages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [Fault.html_500_before_accept, Fault.close_before_accept, Fault.empty_body, Fault.cut_body, Fault.redirect_302],
)
def test_an_outage_is_neither_halved_nor_asked_on(provider: Provider, panel: Panel, fault: Fault) -> None:
    provider.overrides = {"limits": {"multi_status": 5}}
    provider.save()
    orders = put(provider, panel, 50)
    panel.advance(LONG)
    panel.misbehave(fault, action="status")

    synced = polling_services.sync_now(ORDERS, provider)

    assert synced.failure
    assert synced.calls == poll_run.FAILURES_TO_STOP
    assert {len(ids) for ids in asked_for(panel)} <= {5}
    assert states_of(orders) == ["pending"] * 50
    assert not Order.objects.filter(unknown_answers__gt=0).exists()


def test_a_provider_that_is_down_is_asked_once(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 250)
    provider.api_url, provider.api_key = "http://127.0.0.1:1/api/v2", "a key for there"
    provider.save()

    synced = polling_services.sync_now(ORDERS, provider)

    assert (synced.calls, synced.asked) == (1, 0)
    assert "refused" in synced.failure


def test_an_outage_is_over_when_it_is_over(provider: Provider, panel: Panel) -> None:
    """What was left behind is asked about in the next round, by hand or by the background."""
    provider.overrides = {"limits": {"multi_status": 20}}
    provider.save()
    orders = put(provider, panel, 150)
    panel.advance(LONG)
    rule = panel.misbehave(Fault.html_500_before_accept, action="status")
    assert polling_services.sync_due(ORDERS, provider).failure
    assert PollRound.objects.exclude(started_at=None).exists()
    panel.behave(rule)
    Provider.objects.update(breaker_until=None, failures_in_a_row=0)
    PollRound.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    synced = polling_services.sync_due(ORDERS, provider)

    assert synced.failure == ""
    assert set(states_of(orders)) == {"completed"}
    assert not PollRound.objects.exclude(started_at=None).exists()


def test_a_rate_limit_stops_the_walk_and_is_obeyed(provider: Provider, panel: Panel) -> None:
    provider.overrides = {"limits": {"multi_status": 10}}
    provider.save()
    put(provider, panel, 30)
    panel.misbehave(Fault.rate_limited_retry_after, action="status", seconds=300)

    first = polling_services.sync_now(ORDERS, provider)
    second = polling_services.sync_now(ORDERS, provider)

    assert first.calls == 1
    assert "429" in first.failure or "any requests" in first.failure
    assert len(asked_for(panel)) == 1
    assert "asked for a pause" in second.failure
    assert polling_services.providers_due(ORDERS) == []


def test_a_refused_key_stops_the_walk_and_pauses_the_provider(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 250)
    panel.misbehave(Fault.bad_key, action="status")

    synced = polling_services.sync_now(ORDERS, provider)

    assert synced.calls == 1
    assert "Invalid API key" in synced.failure
    provider.refresh_from_db()
    assert provider.pause_kind == "bad_key"
    assert not polling_services.may_be_asked(provider)
    assert polling_services.sync_due(ORDERS, provider) == polling_services.Synced()


def test_a_key_that_cannot_be_read_is_a_failure_like_any_other(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE providers_provider SET api_key = %s", [vault.PREFIX + "0:bm90IG91cnM="])

    synced = polling_services.sync_now(ORDERS, Provider.objects.get())

    assert synced.failure
    assert not asked_for(panel)


@pytest.mark.parametrize(("kind", "asked"), [("no_funds", True), ("by_hand", True), ("maintenance", False)])
def test_pauses_that_are_about_buying_do_not_keep_from_asking(
    provider: Provider, panel: Panel, kind: str, asked: bool
) -> None:
    put(provider, panel, 1)
    circuit_breaker.pause(provider, kind=kind, text="…")
    provider.refresh_from_db()

    assert (polling_services.providers_due(ORDERS) == [provider.pk]) is asked
    assert bool(polling_services.sync_due(ORDERS, provider).asked) is asked


def test_a_provider_that_is_switched_off_is_not_asked(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 1)
    provider.is_active = False
    provider.save()

    assert polling_services.providers_due(ORDERS) == []
    assert polling_services.sync_due(ORDERS, provider).calls == 0


# --- Panels that cannot do batches ------------------------------------------------------------------------------------


def test_a_dialect_without_batches_is_asked_one_by_one(provider: Provider, panel: Panel) -> None:
    provider.overrides = {"without": ["multi_status"]}
    provider.save()
    orders = put(provider, panel, 12)
    panel.advance(LONG)

    synced = polling_services.sync_now(ORDERS, provider)

    assert (synced.calls, synced.asked) == (12, 12)
    assert set(states_of(orders)) == {"completed"}


def test_a_panel_that_knows_no_batches_is_asked_one_by_one_for_a_day(provider: Provider, panel: Panel) -> None:
    orders = put(provider, panel, 5)
    panel.advance(LONG)
    panel.misbehave(Fault.refused, action="status", match=lambda params: "orders" in params)
    panel.misbehave(Fault.wrong_container, action="status", match=lambda params: "orders" in params)
    panel.behave(panel.misbehaviour.rules[0])

    polling_services.sync_now(ORDERS, provider)

    assert set(states_of(orders)) == {"completed"}
    poll_round = PollRound.objects.get(tier=rounds.BY_HAND)
    assert poll_round.singly_until is not None
    before = len(asked_for(panel))
    polling_services.sync_now(ORDERS, provider)
    assert [len(ids) for ids in asked_for(panel)[before:]] == [1] * 5


# --- Many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_a_round_and_nobody_asks_twice(box: Sandbox) -> None:
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


# --- Refills and product orders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slug", "calls"), [("smmplus", 1), ("smpanelim", 3)])
def test_refills_are_followed_to_their_end(box: Sandbox, slug: str, calls: int) -> None:
    provider, panel = join(box, slug), box.panel(slug)
    refills = []
    for order in make_completed(box, provider, 3):
        panel.receive({"key": panel.key, "action": "refill", "order": str(order.external_id)})
        refills.append(Refill.objects.create(order=order, status="pending", external_id=str(max(panel.books.refills))))
    panel.decide_refill(int(refills[0].external_id or 0), Fate.rejected)
    untracked = Refill.objects.create(order=refills[0].order, status="pending")
    panel.advance(LONG)

    synced = polling_services.sync_now(REFILLS, provider)

    assert (synced.asked, synced.changed, synced.calls) == (3, 3, calls)
    for refill in (*refills, untracked):
        refill.refresh_from_db()
    assert [refill.status for refill in refills] == ["rejected", "completed", "completed"]
    assert refills[0].provider_status == "Rejected"
    assert refills[0].finished_at is not None
    assert untracked.status == "pending"
    assert [(event.kind, event.after) for event in refills[1].order.events.all()] == [("refill", "completed")]
    assert polling_services.sync_now(REFILLS, provider).asked == 0


def test_a_refill_without_an_answer_is_left_and_counted(box: Sandbox) -> None:
    provider, panel = join(box, "smmplus"), box.panel("smmplus")
    (order,) = make_completed(box, provider, 1)
    refill = Refill.objects.create(order=order, status="in_progress", external_id="424242")

    synced = polling_services.sync_now(REFILLS, provider)

    refill.refresh_from_db()
    assert (synced.missing, refill.status, refill.unknown_answers) == (1, "in_progress", 1)
    assert calls_of(panel, "refill_status")


def test_an_unknown_word_of_a_refill_is_kept_and_changes_nothing(box: Sandbox) -> None:
    provider, panel = join(box, "smmplus"), box.panel("smmplus")
    (order,) = make_completed(box, provider, 1)
    panel.receive({"key": panel.key, "action": "refill", "order": str(order.external_id)})
    refill = Refill.objects.create(order=order, status="pending", external_id=str(max(panel.books.refills)))
    panel.misbehave(Fault.unknown_word, action="refill_status")

    polling_services.sync_now(REFILLS, provider)

    refill.refresh_from_db()
    assert refill.status == "pending"
    assert refill.provider_status not in ("", "Pending")


def test_checking_an_order_asks_about_its_refills_too(box: Sandbox) -> None:
    provider, panel = join(box, "smmplus"), box.panel("smmplus")
    (order,) = make_completed(box, provider, 1)
    panel.receive({"key": panel.key, "action": "refill", "order": str(order.external_id)})
    refill = Refill.objects.create(order=order, status="pending", external_id=str(max(panel.books.refills)))
    panel.advance(LONG)

    polling_services.check_now(order)

    refill.refresh_from_db()
    assert refill.status == "completed"


def place_products(panel: Panel, provider: Provider, count: int) -> list[ProductOrder]:
    panel.balance = 1_000_000
    product = next(product for product in panel.shop.products.values() if product.type == "Auto")
    panel.set_stock(product.id, 1000)
    for _number in range(count):
        panel.receive(
            {
                "key": panel.key,
                "action": "add_product_order",
                "product": str(product.id),
                "quantity": str(max(1, product.minimum)),
                "require": "somebody@example.com",
            }
        )
    ids = sorted(panel.books.product_orders)[-count:]
    return [ProductOrder.objects.create(provider=provider, external_id=str(one), status="pending") for one in ids]


def test_product_orders_are_followed_in_batches(box: Sandbox) -> None:
    provider, panel = join(box, "smmvna"), box.panel("smmvna")
    orders = place_products(panel, provider, 101)
    panel.decide_product_order(int(orders[0].external_id or 0), Fate.canceled)
    panel.advance(LONG)

    synced = polling_services.sync_now(PRODUCT_ORDERS, provider)

    assert (synced.asked, synced.changed, synced.calls) == (101, 101, 2)
    for order in orders:
        order.refresh_from_db()
    assert [order.status for order in orders] == ["canceled", *["completed"] * 100]
    assert orders[1].charge is not None
    assert orders[1].currency == provider.currency
    assert orders[1].moved_at is not None
    assert orders[1].finished_at is not None
    assert [event.after for event in orders[1].events.all()] == ["completed"]
    assert [delta.amount for delta in orders[1].charge_deltas.all()] == [orders[1].charge]
    before = len(panel.requests)
    assert polling_services.sync_now(PRODUCT_ORDERS, provider).changed == 0
    assert len(panel.requests) - before == 2


def test_what_leads_to_the_goods_is_not_readable_in_the_database(box: Sandbox) -> None:
    provider, panel = join(box, "smmvna"), box.panel("smmvna")
    (order,) = place_products(panel, provider, 1)
    panel.advance(LONG)
    polling_services.check_product_order_now(order)
    order.refresh_from_db()
    assert order.result

    with connection.cursor() as cursor:
        cursor.execute("SELECT result FROM orders_productorder")
        (stored,) = cursor.fetchone()

    assert order.result not in stored


def test_a_provider_without_a_shop_is_not_asked_about_products(provider: Provider) -> None:
    assert polling_services.sync_now(PRODUCT_ORDERS, provider) == polling_services.Synced()
    assert polling_services.providers_due(PRODUCT_ORDERS) == []
