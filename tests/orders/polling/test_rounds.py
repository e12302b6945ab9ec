"""Rounds: everybody's turn comes, no one is asked twice, nothing is lost with a worker."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.utils import timezone

from orders.models import Order, PollRound
from orders.polling import rounds, tiers
from orders.polling.rounds import BY_HAND
from orders.polling.subjects import EVERYTHING, ORDERS, PRODUCT_ORDERS, REFILLS, Tracked
from tests.helpers.makers import make_provider

if TYPE_CHECKING:
    from providers.models import Provider

pytestmark = pytest.mark.django_db

TIER = Order.Tier
LONG_AGO = timedelta(days=400)


@pytest.fixture
def provider() -> Provider:
    return make_provider()


@pytest.fixture
def poll_round(provider: Provider) -> PollRound:
    """Return a walk with its round begun."""
    rounds.ensure_rounds(provider.pk, "order", ORDERS.paces)
    poll_round = PollRound.objects.get(provider=provider, kind="order", tier=TIER.NEW)
    rounds.begin_round(poll_round)
    return poll_round


def make_orders(provider: Provider, count: int, **fields: Any) -> list[Order]:
    first = Order.objects.count()
    plain: dict[str, Any] = {"status": "pending"}
    return Order.objects.bulk_create(
        [
            Order(provider=provider, external_id=str(first + number), **(plain | fields))
            for number in range(1, count + 1)
        ]
    )


def ask_upto(poll_round: PollRound, order: Order, *, asked: int = 1, changed: int = 0, missing: int = 0) -> None:
    rounds.advance(poll_round, order.pk, asked=asked, changed=changed, missing=missing)


def test_a_round_counts_what_was_requested_and_the_next_is_due_an_interval_later(
    provider: Provider, poll_round: PollRound
) -> None:
    orders = make_orders(provider, 3)
    ask_upto(poll_round, orders[1], asked=2, changed=1, missing=1)
    ask_upto(poll_round, orders[2])
    began = poll_round.started_at

    assert rounds.finish_round(poll_round, timedelta(minutes=5))

    poll_round.refresh_from_db()
    assert (poll_round.started_at, poll_round.round_before) == (None, began)
    assert (poll_round.asked, poll_round.changed, poll_round.missing) == (3, 1, 1)
    assert began is not None
    assert poll_round.due_at == began + timedelta(minutes=5)
    assert poll_round not in rounds.due_rounds(provider.pk, "order")
    assert not rounds.finish_round(poll_round, timedelta(minutes=5))


def test_the_cursor_only_goes_on_and_only_in_its_own_round(provider: Provider, poll_round: PollRound) -> None:
    orders = make_orders(provider, 3)
    late = PollRound.objects.get(pk=poll_round.pk)
    ask_upto(poll_round, orders[2])

    ask_upto(late, orders[0])
    poll_round.refresh_from_db()
    assert (poll_round.cursor, poll_round.asked) == (orders[2].pk, 1)

    rounds.finish_round(poll_round, timedelta(0))
    rounds.begin_round(poll_round)
    ask_upto(late, orders[1])
    poll_round.refresh_from_db()
    assert (poll_round.cursor, poll_round.asked) == (0, 0)


def test_a_round_longer_than_its_interval_leaves_others_some_room(provider: Provider, poll_round: PollRound) -> None:
    PollRound.objects.filter(pk=poll_round.pk).update(started_at=timezone.now() - timedelta(hours=1))

    assert rounds.finish_round(poll_round, timedelta(minutes=4))

    poll_round.refresh_from_db()
    assert timedelta(seconds=50) < poll_round.due_at - timezone.now() <= timedelta(seconds=60)


def test_a_round_is_begun_once(poll_round: PollRound) -> None:
    again = PollRound.objects.get(pk=poll_round.pk)
    number = again.round

    assert rounds.begin_round(again)

    assert again.round == number == 1


def test_a_round_that_is_not_due_is_not_begun(provider: Provider, poll_round: PollRound) -> None:
    rounds.finish_round(poll_round, timedelta(minutes=5))

    assert not rounds.begin_round(poll_round, only_if_due=True)
    assert rounds.begin_round(poll_round)


def test_a_round_that_is_put_off_is_not_due_for_a_while(provider: Provider, poll_round: PollRound) -> None:
    rounds.put_off(poll_round, timedelta(seconds=20))

    assert poll_round not in rounds.due_rounds(provider.pk, "order")
    rounds.put_off(poll_round, timedelta(seconds=-1))
    assert poll_round in rounds.due_rounds(provider.pk, "order")


def test_a_round_by_hand_comes_before_the_others(provider: Provider, poll_round: PollRound) -> None:
    assert {due.tier for due in rounds.due_rounds(provider.pk, "order")} == set(ORDERS.paces)
    by_hand = PollRound.objects.get(provider=provider, kind="order", tier=BY_HAND)
    rounds.begin_round(by_hand)

    assert rounds.due_rounds(provider.pk, "order") == [by_hand]


def test_a_round_by_hand_counts_for_the_tiers(provider: Provider, poll_round: PollRound) -> None:
    rounds.finish_round(poll_round, timedelta(0))
    PollRound.objects.update(due_at=timezone.now() - timedelta(hours=1))
    by_hand = PollRound.objects.get(provider=provider, kind="order", tier=BY_HAND)

    rounds.all_were_polled(by_hand, {tier: pace.interval for tier, pace in ORDERS.paces.items()})

    assert rounds.due_rounds(provider.pk, "order") == []


def test_a_broken_off_round_begins_at_its_beginning(provider: Provider) -> None:
    rounds.ensure_rounds(provider.pk, "order", ORDERS.paces)
    orders = make_orders(provider, 2)
    by_hand = PollRound.objects.get(provider=provider, kind="order", tier=BY_HAND)
    rounds.begin_round(by_hand)
    ask_upto(by_hand, orders[0])

    rounds.break_off(by_hand)
    ask_upto(by_hand, orders[1])
    rounds.begin_round(by_hand)

    assert by_hand.cursor == by_hand.asked == 0


# --- Who belongs where ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "tier", "age", "then"),
    [
        ("pending", TIER.NEW, timedelta(minutes=5), TIER.NEW),
        ("pending", TIER.NEW, timedelta(hours=1), TIER.MOVING),
        ("in_progress", TIER.NEW, timedelta(days=2), TIER.SLOW),
        ("in_progress", TIER.MOVING, timedelta(hours=20), TIER.MOVING),
        ("in_progress", TIER.MOVING, timedelta(days=2), TIER.SLOW),
        ("in_progress", TIER.SLOW, timedelta(days=6), TIER.SLOW),
        ("in_progress", TIER.SLOW, timedelta(days=8), TIER.RESTING),
        ("in_progress", TIER.RESTING, LONG_AGO, TIER.RESTING),
        ("in_progress", TIER.RESTING, timedelta(minutes=1), TIER.RESTING),
        ("completed", TIER.NEW, timedelta(minutes=1), TIER.SLOW),
        ("completed", TIER.SLOW, timedelta(hours=20), TIER.SLOW),
        ("canceled", TIER.SLOW, timedelta(days=2), TIER.RESTING),
        ("refunded", TIER.RESTING, timedelta(days=29), TIER.RESTING),
        ("partial", TIER.RESTING, timedelta(days=31), TIER.NONE),
        ("failed", TIER.NEW, LONG_AGO, TIER.NONE),
        ("unconfirmed", TIER.NEW, LONG_AGO, TIER.NEW),
    ],
)
def test_orders_are_polled_more_rarely_as_time_goes_by(
    provider: Provider, status: str, tier: int, age: timedelta, then: int
) -> None:
    (order,) = make_orders(provider, 1, status=status, tier=tier, created_at=timezone.now() - age)

    tiers.age_orders(provider.pk)

    order.refresh_from_db()
    assert order.tier == then


def test_what_has_moved_lately_is_young_again(provider: Provider) -> None:
    now = timezone.now()
    (order,) = make_orders(
        provider,
        1,
        status="in_progress",
        tier=TIER.MOVING,
        created_at=now - LONG_AGO,
        moved_at=now - timedelta(hours=1),
    )

    tiers.age_orders(provider.pk)

    order.refresh_from_db()
    assert order.tier == TIER.MOVING


def test_an_open_order_in_no_tier_is_found(provider: Provider) -> None:
    forgotten, final = make_orders(provider, 2, tier=TIER.NONE)
    Order.objects.filter(pk=final.pk).update(status="completed")

    assert tiers.find_forgotten(provider.pk) == 1

    forgotten.refresh_from_db()
    assert forgotten.tier == TIER.NEW


def test_each_open_order_is_in_exactly_one_tier(provider: Provider) -> None:
    for tier in ORDERS.paces:
        make_orders(provider, 2, tier=tier)
    make_orders(provider, 1, status="queued")
    make_orders(provider, 1, tier=TIER.NONE, status="completed")

    tiers = [set(ORDERS.rows(provider.pk, tier).values_list("pk", flat=True)) for tier in ORDERS.paces]

    assert [len(pks) for pks in tiers] == [2, 2, 2, 2]
    assert set().union(*tiers) == set(ORDERS.rows(provider.pk, BY_HAND).values_list("pk", flat=True))


@pytest.mark.parametrize("tracked", EVERYTHING, ids=lambda tracked: tracked.slug)
def test_every_kind_is_polled_in_more_than_one_pace(tracked: Tracked) -> None:
    intervals = [pace.interval for pace in tracked.paces.values()]

    assert intervals == sorted(intervals)
    assert BY_HAND not in tracked.paces


def test_refills_and_product_orders_are_distinguished_by_age(provider: Provider) -> None:
    (order,) = make_orders(provider, 1, status="completed")
    old = timezone.now() - timedelta(days=5)
    order.refills.create(external_id="1", status="pending")
    order.refills.create(external_id="2", status="in_progress", created_at=old)
    order.refills.create(external_id="3", status="completed")
    order.refills.create(status="pending")
    for number, (status, created_at) in enumerate(
        [
            ("pending", timezone.now()),
            ("in_progress", old),
            ("completed", old),
            ("completed", timezone.now() - LONG_AGO),
        ]
    ):
        provider.product_orders.create(external_id=str(number), status=status, created_at=created_at)

    def walked(tracked: Tracked, tier: int) -> list[str]:
        return [row[1] for row in tracked.read(tracked.rows(provider.pk, tier).order_by("pk"))]

    assert [walked(REFILLS, tier) for tier in REFILLS.paces] == [["1"], ["2"]]
    assert walked(REFILLS, BY_HAND) == ["1", "2"]
    assert [walked(PRODUCT_ORDERS, tier) for tier in PRODUCT_ORDERS.paces] == [["0"], ["1"], ["2"]]
    assert walked(PRODUCT_ORDERS, BY_HAND) == ["0", "1", "2"]


# --- When was it checked? ---------------------------------------------------------------------------------------------


def test_when_an_order_was_last_checked_is_read_from_the_round(provider: Provider, poll_round: PollRound) -> None:
    first, second = make_orders(provider, 2, created_at=timezone.now() - timedelta(hours=1))
    assert rounds.last_checked(first) is None

    ask_upto(poll_round, first)
    poll_round.refresh_from_db()

    assert rounds.last_checked(first) == poll_round.started_at
    assert rounds.last_checked(second) is None


def test_a_round_before_the_order_was_placed_did_not_check_it(provider: Provider, poll_round: PollRound) -> None:
    rounds.finish_round(poll_round, timedelta(0))
    (order,) = make_orders(provider, 1, created_at=timezone.now() + timedelta(seconds=5))

    assert rounds.last_checked(order) is None


def test_a_round_by_hand_checks_every_tier(provider: Provider, poll_round: PollRound) -> None:
    (order,) = make_orders(provider, 1, tier=TIER.RESTING, created_at=timezone.now() - timedelta(hours=1))
    by_hand = PollRound.objects.get(provider=provider, kind="order", tier=BY_HAND)
    rounds.begin_round(by_hand)
    began = by_hand.started_at
    ask_upto(by_hand, order)
    rounds.finish_round(by_hand, timedelta(0))

    assert rounds.last_checked(order) == began


def test_rounds_do_not_mind_a_clock_that_is_wrong(provider: Provider, poll_round: PollRound) -> None:
    """The database's clock counts: a worker whose own is an hour off misses nothing."""
    orders = make_orders(provider, 2)
    for wrong, order in zip((timedelta(hours=1), timedelta(hours=-1)), orders, strict=True):
        with time_machine.travel(timezone.now() + wrong, tick=True):
            ask_upto(poll_round, order)
            assert not rounds.due_rounds(provider.pk, "refill")
            assert poll_round in rounds.due_rounds(provider.pk, "order")
    poll_round.refresh_from_db()
    assert (poll_round.cursor, poll_round.asked) == (orders[1].pk, 2)
