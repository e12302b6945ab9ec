"""Rounds and legs: everybody's turn comes, nobody is asked twice, nothing is lost with a worker."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone

from orders.models import Order, Walk, WalkLeg
from orders.polling import rounds, tiers
from orders.polling.rounds import BY_HAND, Leg
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
def walk(provider: Provider) -> Walk:
    """A walk with its round begun."""
    rounds.ensure_walks(provider.pk, "order", ORDERS.paces)
    walk = Walk.objects.get(provider=provider, kind="order", tier=TIER.NEW)
    rounds.begin_round(walk)
    return walk


def make_orders(provider: Provider, count: int, **fields: Any) -> list[Order]:
    first = Order.objects.count()
    plain: dict[str, Any] = {"status": "pending"}
    return Order.objects.bulk_create(
        [
            Order(provider=provider, external_id=str(first + number), **(plain | fields))
            for number in range(1, count + 1)
        ]
    )


def take(walk: Walk, size: int) -> Leg | None:
    def read(after: int, upto: int | None, count: int | None) -> list[tuple[Any, ...]]:
        rows = ORDERS.rows(walk.provider_id, walk.tier).filter(pk__gt=after).order_by("pk")
        rows = rows.filter(pk__lte=upto) if upto is not None else rows
        return list(rows.values_list("pk", "external_id")[:count])

    return rounds.take_leg(walk, read, size)


def ids_of(leg: Leg | None) -> list[str]:
    assert leg is not None
    return [row[1] for row in leg.rows]


def let_lease_run_out(leg: Leg) -> None:
    WalkLeg.objects.filter(pk=leg.pk).update(until=timezone.now() - timedelta(seconds=1))


def test_legs_follow_each_other_and_nobody_gets_the_same(provider: Provider, walk: Walk) -> None:
    make_orders(provider, 5)
    other = Walk.objects.get(pk=walk.pk)

    assert ids_of(take(walk, 2)) == ["1", "2"]
    assert ids_of(take(other, 2)) == ["3", "4"]
    assert ids_of(take(walk, 2)) == ["5"]
    assert take(other, 2) is None


def test_a_round_ends_after_its_last_leg_and_the_next_is_due_an_interval_later(provider: Provider, walk: Walk) -> None:
    make_orders(provider, 3)
    first, second = take(walk, 2), take(walk, 2)
    assert first is not None
    assert second is not None

    assert not rounds.finish_round(walk, timedelta(minutes=5))
    rounds.finish_leg(first, asked=2, changed=1, missing=1)
    assert not rounds.finish_round(walk, timedelta(minutes=5))
    rounds.finish_leg(second, asked=1, changed=0, missing=0)
    began = walk.started_at
    assert rounds.finish_round(walk, timedelta(minutes=5))

    walk.refresh_from_db()
    assert (walk.started_at, walk.round_before) == (None, began)
    assert (walk.asked, walk.changed, walk.missing) == (3, 1, 1)
    assert began is not None
    assert walk.due_at == began + timedelta(minutes=5)
    assert walk not in rounds.due_walks(provider.pk, "order")


def test_a_round_longer_than_its_interval_leaves_others_some_room(provider: Provider, walk: Walk) -> None:
    Walk.objects.filter(pk=walk.pk).update(started_at=timezone.now() - timedelta(hours=1))

    assert rounds.finish_round(walk, timedelta(minutes=4))

    walk.refresh_from_db()
    assert timedelta(seconds=50) < walk.due_at - timezone.now() <= timedelta(seconds=60)


def test_a_round_is_begun_once(walk: Walk) -> None:
    again = Walk.objects.get(pk=walk.pk)
    number = again.round

    assert rounds.begin_round(again)

    assert again.round == number == 1


def test_a_round_that_is_not_due_is_not_begun(provider: Provider, walk: Walk) -> None:
    rounds.finish_round(walk, timedelta(minutes=5))

    assert not rounds.begin_round(walk, only_if_due=True)
    assert rounds.begin_round(walk)


def test_the_leg_of_a_dead_worker_is_walked_again_from_its_beginning(provider: Provider, walk: Walk) -> None:
    make_orders(provider, 4)
    lost = take(walk, 2)
    assert lost is not None
    let_lease_run_out(lost)

    assert ids_of(take(walk, 2)) == ["1", "2"]
    assert ids_of(take(walk, 2)) == ["3", "4"]
    assert not rounds.keep_leg(_as_old(lost))


def test_the_leg_of_a_process_that_has_ended_is_taken_over_at_once(provider: Provider, walk: Walk) -> None:
    make_orders(provider, 2)
    lost = take(walk, 2)
    assert lost is not None
    host, namespace, _pid, started = WalkLeg.objects.get().holder.split("|")
    WalkLeg.objects.update(holder="|".join([host, namespace, "999999999", started]))

    assert ids_of(take(walk, 2)) == ["1", "2"]


def test_a_worker_that_lost_its_leg_can_neither_keep_nor_finish_it(provider: Provider, walk: Walk) -> None:
    make_orders(provider, 2)
    slow = take(walk, 2)
    assert slow is not None
    let_lease_run_out(slow)
    quick = take(walk, 2)
    assert quick is not None

    assert not rounds.keep_leg(_as_old(slow))
    rounds.finish_leg(slow, asked=2, changed=2, missing=0)

    assert WalkLeg.objects.filter(token=quick.token).exists()
    walk.refresh_from_db()
    assert walk.asked == 0


def test_a_leg_that_is_left_is_there_for_the_next_worker(provider: Provider, walk: Walk) -> None:
    make_orders(provider, 2)
    leg = take(walk, 2)
    assert leg is not None

    rounds.leave_leg(leg)

    assert ids_of(take(walk, 2)) == ["1", "2"]


def test_after_a_failure_the_walk_is_not_due_for_a_while(provider: Provider, walk: Walk) -> None:
    make_orders(provider, 2)
    leg = take(walk, 2)
    assert leg is not None

    rounds.leave_leg(leg, retry_after=timedelta(seconds=20))

    assert walk not in rounds.due_walks(provider.pk, "order")


def test_a_lease_is_prolonged_only_when_it_is_time_to(
    provider: Provider, walk: Walk, django_assert_num_queries: Any
) -> None:
    make_orders(provider, 2)
    leg = take(walk, 2)
    assert leg is not None

    with django_assert_num_queries(0):
        assert rounds.keep_leg(leg)
    WalkLeg.objects.update(until=F("until") - timedelta(seconds=1))
    before = WalkLeg.objects.get().until
    assert rounds.keep_leg(_as_old(leg))
    assert WalkLeg.objects.get().until > before


def test_orders_made_while_a_round_is_on_are_part_of_it(provider: Provider, walk: Walk) -> None:
    make_orders(provider, 2)
    take(walk, 2)
    make_orders(provider, 1)

    assert ids_of(take(walk, 2)) == ["3"]


def test_a_round_by_hand_comes_before_the_others(provider: Provider, walk: Walk) -> None:
    assert {due.tier for due in rounds.due_walks(provider.pk, "order")} == set(ORDERS.paces)
    by_hand = Walk.objects.get(provider=provider, kind="order", tier=BY_HAND)
    rounds.begin_round(by_hand)

    assert rounds.due_walks(provider.pk, "order") == [by_hand]


def test_a_round_by_hand_counts_for_the_tiers(provider: Provider, walk: Walk) -> None:
    rounds.finish_round(walk, timedelta(0))
    Walk.objects.update(due_at=timezone.now() - timedelta(hours=1))
    by_hand = Walk.objects.get(provider=provider, kind="order", tier=BY_HAND)

    rounds.all_were_walked(by_hand, {tier: pace.interval for tier, pace in ORDERS.paces.items()})

    assert rounds.due_walks(provider.pk, "order") == []


def test_a_broken_off_round_leaves_nothing_behind(provider: Provider) -> None:
    rounds.ensure_walks(provider.pk, "order", ORDERS.paces)
    make_orders(provider, 2)
    by_hand = Walk.objects.get(provider=provider, kind="order", tier=BY_HAND)
    rounds.begin_round(by_hand)
    leg = take(by_hand, 1)
    assert leg is not None

    rounds.break_off(by_hand)

    assert not WalkLeg.objects.exists()
    assert take(by_hand, 1) is None
    rounds.finish_leg(leg, asked=1, changed=0, missing=0)
    rounds.begin_round(by_hand)
    assert ids_of(take(by_hand, 2)) == ["1", "2"]


def _as_old(leg: Leg) -> Leg:
    leg.renewed -= rounds.RENEWED_AFTER + 1
    return leg


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
def test_orders_are_asked_about_more_rarely_as_time_goes_by(
    provider: Provider, status: str, tier: int, age: timedelta, then: int
) -> None:
    (order,) = make_orders(provider, 1, status=status, tier=tier, created_at=timezone.now() - age)

    tiers.age_orders(provider.pk, ORDERS.paces)

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

    tiers.age_orders(provider.pk, ORDERS.paces)

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
def test_every_kind_is_walked_in_more_than_one_pace(tracked: Tracked) -> None:
    intervals = [pace.interval for pace in tracked.paces.values()]

    assert intervals == sorted(intervals)
    assert BY_HAND not in tracked.paces


def test_refills_and_product_orders_are_told_apart_by_age(provider: Provider) -> None:
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


def test_when_an_order_was_last_checked_is_read_from_the_walk(provider: Provider, walk: Walk) -> None:
    first, second = make_orders(provider, 2, created_at=timezone.now() - timedelta(hours=1))
    assert rounds.last_checked(first) is None

    take(walk, 1)

    assert rounds.last_checked(first) == walk.started_at
    assert rounds.last_checked(second) is None


def test_a_walk_before_the_order_was_placed_did_not_check_it(provider: Provider, walk: Walk) -> None:
    rounds.finish_round(walk, timedelta(0))
    (order,) = make_orders(provider, 1, created_at=timezone.now() + timedelta(seconds=5))

    assert rounds.last_checked(order) is None


def test_a_round_by_hand_checks_every_tier(provider: Provider, walk: Walk) -> None:
    (order,) = make_orders(provider, 1, tier=TIER.RESTING, created_at=timezone.now() - timedelta(hours=1))
    by_hand = Walk.objects.get(provider=provider, kind="order", tier=BY_HAND)
    rounds.begin_round(by_hand)
    began = by_hand.started_at
    leg = take(by_hand, 5)
    assert leg is not None
    rounds.finish_leg(leg, asked=1, changed=0, missing=0)
    rounds.finish_round(by_hand, timedelta(0))

    assert rounds.last_checked(order) == began


def test_leases_and_rounds_do_not_mind_a_clock_that_is_wrong(provider: Provider, walk: Walk) -> None:
    """The database's clock counts: a worker whose own is an hour off takes nothing over and misses nothing."""
    make_orders(provider, 2)
    for wrong in (timedelta(hours=1), timedelta(hours=-1)):
        with time_machine.travel(timezone.now() + wrong, tick=True):
            leg = take(walk, 1)
            assert leg is not None
            assert not rounds.due_walks(provider.pk, "refill")
            assert walk in rounds.due_walks(provider.pk, "order")
    assert take(walk, 1) is None
    assert WalkLeg.objects.count() == 2
