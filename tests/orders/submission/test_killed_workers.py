"""Workers that are killed, and what the next one finds: nothing bought twice, nothing lost, nothing guessed.

Every kill is a SIGKILL of a real ``celery worker`` at a known moment. The faults that a hub must survive, and their
tests, besides those of the wire (``test_sending``, ``test_outcomes`` of ``providers/client``):

================================================  ======================================================================
The process
------------------------------------------------  ----------------------------------------------------------------------
killed before the claim, between claim and call,  test_a_worker_is_killed_at_any_point (each of the four paid calls)
between answer and record, within the record
killed during the call, taken there or not        test_a_worker_is_killed_while_its_call_is_on_the_wire
killed, and no one looks after it                 test_the_hub_finds_by_itself_what_a_killed_worker_left
both senders of a provider killed                 test_the_places_of_killed_senders_are_free_at_once
SIGTERM with work in hand                         test_a_worker_that_is_stopped_finishes_the_call_in_hand
killed while a mass order is being made           test_mass (killed_anywhere_in_a_thousand)
killed while states are requested                  test_shared_rounds
------------------------------------------------  ----------------------------------------------------------------------
The broker
------------------------------------------------  ----------------------------------------------------------------------
message lost, queue flushed                       test_lost_messages.test_what_no_one_was_notified_of_is_found
message delivered many times, at once             test_lost_messages.test_a_message_that_comes_many_times_buys_once
message delivered late                            test_lost_messages.test_a_message_that_comes_late_changes_nothing
broker gone while staff order, and back           test_lost_messages.test_staff_order_while_the_broker_is_gone
broker restarted empty under a worker             test_lost_messages.test_a_worker_survives_a_broker_that_was_restarted
------------------------------------------------  ----------------------------------------------------------------------
The database
------------------------------------------------  ----------------------------------------------------------------------
connection gone between call and record           test_lost_messages.test_an_outcome_survives_a_lost_connection
SQLite locked by another writer                   test_lost_messages.test_an_outcome_waits_for_another_writer
database away for a minute                        test_recording.test_a_database_that_stays_away_leaves_…
------------------------------------------------  ----------------------------------------------------------------------
The schedule
------------------------------------------------  ----------------------------------------------------------------------
two beats, beat gone for a day, clock that jumps  panelhub/test_beat, test_tasks
killed beat                                       panelhub/test_worker_process
two schedules at one queue                        test_lost_messages.test_two_schedules_buy_once
clock an hour off                                 test_clocks, faults/test_f10_records
------------------------------------------------  ----------------------------------------------------------------------
The people
------------------------------------------------  ----------------------------------------------------------------------
double click, back and resend, two tabs           test_placing, views/test_create, test_products, test_mass, test_people
two staff on one order                            test_settling, test_aftercare, test_placing, test_people
cancel while it is being sent                     test_sending (at_the_last_moment, on_the_wire), test_people
the same mass order uploaded twice                test_mass
login over, form gone stale                       test_people, views/test_create
permission or provider withdrawn in between       test_people
================================================  ======================================================================
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from orders.models import Attempt, Cancellation, Order, ProductOrder, Refill, WindowSearch
from orders.polling import services as polling_services
from orders.polling.subjects import ORDERS
from orders.settlement import search_jobs
from orders.settlement.adoption import adopt
from orders.settlement.evidence import evidence
from orders.submission import call_types, sweeper
from orders.submission import services as submission_services
from orders.submission.call_types import CALL_TYPES
from orders.submission.runner import SENDERS, TASK
from panelhub.background.dispatch import publish
from panelhub.models import JobLease
from panelhub.schedule import CLICKS
from providers.models import CallSlot, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import LONG, calls_of, join, list_service, pick_service, queue_order
from tests.helpers.conservation import check_conservation
from tests.helpers.kill_points import POINTS, kill_at
from tests.helpers.makers import make_product
from tests.helpers.waiting import wait_until
from tests.helpers.workers import WorkerProcess

StartWorker = Callable[..., WorkerProcess]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


class Hub:
    """Two accounts at the sandbox: one panel refills and cancels in batches, the other sells products."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.panel, self.shop = box.panel("standard"), box.panel("smmvna")
        for panel in (self.panel, self.shop):
            panel.balance = 1_000_000
        self.provider, self.seller = join(box, "standard"), join(box, "smmvna")
        self.service: Service = list_service(self.provider, pick_service(self.panel, refill=True, cancel=True))
        self._number = 0

    def queue(self, slug: str) -> list[Any]:
        """Return rows of one kind of paid call that go out in one request, with what has to be there before."""
        match slug:
            case "order":
                return [self.queue_order()]
            case "product_order":
                offer_list = self.shop.shop.products.values()
                goods = next(one for one in offer_list if one.is_available and one.inventory is None)
                product = make_product(self.seller, external_id=str(goods.id), rate=goods.rate)
                wanted = {"product": product, "quantity": goods.minimum, "require": "a buyer's address"}
                return [ProductOrder.objects.create(provider=self.seller, **wanted)]
            case "refill":
                return [Refill.objects.create(order=order) for order in self.place(2, finished=True)]
            case "cancellation":
                return [Cancellation.objects.create(order=order) for order in self.place(3)]
        raise AssertionError(slug)

    def queue_order(self) -> Order:
        self._number += 1
        return queue_order(self.service, number=self._number)

    def place(self, count: int, *, finished: bool = False) -> list[Order]:
        """Return orders that the panel has taken, and has completed when ``finished``."""
        orders = [self.queue_order() for _ in range(count)]
        submission_services.send_due(self.provider)
        if finished:
            self.panel.advance(LONG)
            polling_services.sync_now(ORDERS, self.provider)
        return [Order.objects.get(pk=order.pk) for order in orders]

    def notify_worker(self) -> None:
        """Have a worker send."""
        for provider in (self.provider, self.seller):
            assert publish(TASK, provider.pk, queue=CLICKS)

    def count_calls(self) -> int:
        return sum(len(calls_of(panel, action)) for panel in (self.panel, self.shop) for action in PAID)

    def check(self) -> None:
        """The books of both panels and the hub's agree, and no id is on two orders."""
        assert check_conservation(self.box.ledger, [self.provider, self.seller], at_rest=True) == []


PAID = ("add", "refill", "cancel", "add_product_order")


@pytest.fixture
def hub(box: Sandbox) -> Hub:
    return Hub(box)


def let_a_minute_pass() -> None:
    """Everything is longer ago, so calls that were begun cannot be answered any more."""
    wait = timedelta(seconds=submission_services.SWEEP_AFTER + 5)
    for kind in CALL_TYPES:
        kind.model.objects.update(claimed_at=F("claimed_at") - wait, placed_at=F("placed_at") - wait)
    Attempt.objects.update(started_at=F("started_at") - wait, finished_at=F("finished_at") - wait)


def states_of(rows: list[Any]) -> set[str]:
    for row in rows:
        row.refresh_from_db()
    return {row.status for row in rows}


# --- At every instruction that matters ---

# What stands in the database when the worker is dead, whether the provider was called, and its outcome.
LEFT_BEHIND = {
    "before the claim": ("queued", False, "placed"),
    "between claim and last look": ("sending", False, "unconfirmed"),
    "before the socket opens": ("sending", False, "unconfirmed"),
    "between answer and record": ("sending", True, "unconfirmed"),
    "within the record": ("sending", True, "unconfirmed"),
    "after the record": ("placed", True, "placed"),
}
assert LEFT_BEHIND.keys() == POINTS.keys()


# Orders are killed everywhere, the others where a call has been made or may have been.
DEATHS = [("order", point) for point in POINTS] + [
    (kind.slug, point) for kind in CALL_TYPES if kind is not call_types.ORDERS for point, left in LEFT_BEHIND.items()
    if left[0] == "sending" and point != "before the socket opens"
]  # fmt: skip


@pytest.mark.parametrize(("slug", "point"), DEATHS)
def test_a_worker_is_killed_at_any_point(hub: Hub, start_worker: StartWorker, slug: str, point: str) -> None:
    left, was_called, becomes = LEFT_BEHIND[point]
    placed = next(kind for kind in CALL_TYPES if kind.slug == slug).machine.accepted
    rows = hub.queue(slug)
    calls = hub.count_calls()
    worker = start_worker(**kill_at(point))
    hub.notify_worker()

    assert worker.wait() == -signal.SIGKILL
    assert states_of(rows) == {placed if left == "placed" else left}
    assert hub.count_calls() - calls == was_called

    # No one takes for lost what may still be answered, and no one sends it again.
    sweeper.sweep()
    if left == "sending":
        assert states_of(rows) == {"sending"}
    let_a_minute_pass()
    sweeper.sweep()
    for provider in (hub.provider, hub.seller):
        submission_services.send_due(provider)

    assert states_of(rows) == {placed if becomes == "placed" else becomes}
    assert hub.count_calls() - calls == (was_called or becomes == "placed")
    hub.check()


@pytest.mark.parametrize("fault", [Fault.hang_before_accept, Fault.hang_after_accept])
def test_a_worker_is_killed_while_its_call_is_on_the_wire(hub: Hub, start_worker: StartWorker, fault: Fault) -> None:
    hub.place(1)
    hub.panel.misbehave(fault, action="add", times=1, seconds=60)
    lost, waits = hub.queue_order(), hub.queue_order()
    worker = start_worker()
    calls = hub.count_calls()
    hub.notify_worker()
    wait_until(lambda: hub.count_calls() > calls, what="the call")

    worker.kill()

    assert states_of([lost]) == {"sending"}
    let_a_minute_pass()
    sweeper.sweep()
    submission_services.send_due(hub.provider)
    assert (states_of([lost]), states_of([waits])) == ({"unconfirmed"}, {"pending"})
    hub.check()
    # What the panel took is found again among the ids around it, what it did not take is not invented.
    search_jobs.start_due_searches()
    search_jobs.run_searches(hub.provider)
    found = search_jobs.verdict_on(lost, WindowSearch.objects.get(order=lost), evidence(lost)).fitting
    assert bool(found) is fault.accepts
    if found:
        adopt(lost, external_id=found[0]["id"], by=None, reason="found")
        assert states_of([lost]) == {"pending"}
        hub.check()


def test_the_hub_finds_by_itself_what_a_killed_worker_left(hub: Hub, start_worker: StartWorker) -> None:
    first, second = hub.queue_order(), hub.queue_order()
    killed = start_worker(**kill_at("between answer and record"))
    hub.notify_worker()
    killed.wait()
    let_a_minute_pass()

    start_worker(options=("--with-schedule",))

    wait_until(lambda: states_of([first]) == {"unconfirmed"} and states_of([second]) == {"pending"}, seconds=60)
    wait_until(lambda: WindowSearch.objects.filter(order=first, finished_at__isnull=False).exists(), seconds=60)
    assert len(calls_of(hub.panel, "add")) == 2
    hub.check()


def test_the_places_of_killed_senders_are_free_at_once(hub: Hub, start_worker: StartWorker) -> None:
    hub.panel.misbehave(Fault.hang_before_accept, action="add", times=2, seconds=60)
    lost = [hub.queue_order(), hub.queue_order()]
    # A worker begins no second call before its first one has ended, so the second place is another worker's.
    workers = [start_worker(), start_worker()]

    def count_after_notice() -> int:
        hub.notify_worker()
        return len(calls_of(hub.panel, "add"))

    wait_until(lambda: count_after_notice() == 2, what="the second sender")
    places = JobLease.objects.filter(job__in=SENDERS, provider_name=hub.provider.name)
    assert places.exclude(token="").count() == 2
    for worker in workers:
        worker.kill()
    waits = hub.queue_order()

    start_worker()
    hub.notify_worker()

    wait_until(lambda: states_of([waits]) == {"pending"}, what="a sender in the place of a dead one")
    assert states_of(lost) == {"sending"}


def test_a_worker_that_is_stopped_finishes_the_call_in_hand(hub: Hub, start_worker: StartWorker) -> None:
    hub.panel.latency = 1.0
    orders = [hub.queue_order() for _ in range(5)]
    worker = start_worker()
    hub.notify_worker()
    wait_until(lambda: calls_of(hub.panel, "add"), what="the first call")

    assert worker.stop() == 0

    made = len(calls_of(hub.panel, "add"))
    for order in orders:
        order.refresh_from_db()
    states = [order.status for order in orders]
    assert made < len(orders), "it went on as if nothing had happened"
    assert sorted(states) == ["pending"] * made + ["queued"] * (len(orders) - made)
    assert not CallSlot.objects.exclude(holder="").exists()
    hub.check()
