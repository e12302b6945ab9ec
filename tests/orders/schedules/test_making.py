"""What is due becomes orders of the person who set it up, checked then; what no longer fits is held with the reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import HubRules, Order, Schedule, ScheduledRun
from orders.schedules.making import make_next
from tests.helpers.makers import grant, make_person, make_provider, make_service, set_limits
from tests.helpers.schedules import BUYER, beat, make_schedule, outcomes

pytestmark = pytest.mark.django_db

# 09:00 in Berlin on 1 March 2027.
FIRST = datetime(2027, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def seen(schedule: Schedule) -> Schedule:
    schedule.refresh_from_db()
    return schedule


def test_nothing_is_made_before_its_time() -> None:
    make_schedule()

    assert beat(FIRST - MINUTE) == {}


def test_a_due_order_is_queued_as_the_person_who_set_it_up() -> None:
    schedule = make_schedule(note="for May", client_label="Nora", request_id="click")

    assert beat(FIRST)["orders"] == 1

    order = Order.objects.get()
    assert (order.status, order.created_by, order.quantity) == ("queued", schedule.person, 500)
    assert (order.link, order.note, order.client_label) == ("https://a.example/p/1", "for May", "Nora")
    assert (order.expected_charge, order.request_id) == (Decimal("0.45"), "click.0")
    assert ScheduledRun.objects.get().order == order
    assert seen(schedule).next_at == FIRST + DAY
    assert beat(FIRST) == {}


def test_a_single_order_ends_its_schedule() -> None:
    schedule = make_schedule(repeat="once")

    beat(FIRST)

    assert (seen(schedule).status, schedule.next_at, Order.objects.count()) == ("ended", None, 1)


def test_after_an_outage_only_the_newest_within_its_grace_is_made() -> None:
    schedule = make_schedule()

    beat(FIRST + 3 * DAY + timedelta(hours=5))

    assert outcomes(schedule) == [
        ("2027-03-01", "missed"),
        ("2027-03-02", "missed"),
        ("2027-03-03", "missed"),
        ("2027-03-04", "made"),
    ]
    assert Order.objects.count() == 1


def test_after_its_grace_all_are_missed() -> None:
    schedule = make_schedule()

    beat(FIRST + DAY + timedelta(hours=7))

    assert outcomes(schedule) == [("2027-03-01", "missed"), ("2027-03-02", "missed")]
    assert seen(schedule).next_at == FIRST + 2 * DAY


def test_a_spread_plan_moves_on_so_that_its_total_holds() -> None:
    schedule = make_schedule(repeat="spread", count=3)
    beat(FIRST)
    # Two days without the hub.
    for day in range(3, 9):
        beat(FIRST + day * DAY)

    assert sum(order.quantity or 0 for order in Order.objects.all()) == 1_500
    assert seen(schedule).status == "ended"
    assert [outcome for _day, outcome in outcomes(schedule)] == ["made", "missed", "missed", "made", "made"]


def test_a_refused_order_of_a_spread_plan_is_made_up() -> None:
    schedule = make_schedule(repeat="spread", count=2)
    beat(FIRST)
    Order.objects.update(status="rejected")
    for day in range(1, 5):
        beat(FIRST + day * DAY)

    assert Order.objects.exclude(status="rejected").count() == 2
    assert seen(schedule).status == "ended"


def test_a_single_order_whose_time_passed_waits_for_a_person() -> None:
    schedule = make_schedule(repeat="once")

    beat(FIRST + 2 * DAY)

    assert seen(schedule).status == "held"
    assert "time passed" in schedule.reason
    assert not Order.objects.exists()


def _leave(schedule: Schedule) -> None:
    schedule.person.is_active = False
    schedule.person.save()


def _lose_right(schedule: Schedule) -> None:
    schedule.person.user_permissions.clear()


def _lose_provider(schedule: Schedule) -> None:
    grant(schedule.person, make_provider())


def _raise_price(schedule: Schedule) -> None:
    schedule.service.rate = Decimal("0.92")
    schedule.service.save()


def _close_service(schedule: Schedule) -> None:
    schedule.service.is_available = False
    schedule.service.save()


def _raise_minimum(schedule: Schedule) -> None:
    schedule.service.min_quantity = 501
    schedule.service.save()


def _limit(schedule: Schedule) -> None:
    set_limits(schedule.person, daily_limit=Decimal("0.44"))


def _unset_limit(schedule: Schedule) -> None:
    set_limits(schedule.person, no_limit=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_leave, "can no longer place orders"),
        (_lose_right, "can no longer place orders"),
        (_lose_provider, "can no longer order from this provider"),
        (_raise_price, "price went up"),
        (_close_service, "no longer listed"),
        (_raise_minimum, "501"),
        (_limit, "over your spending limit"),
        (_unset_limit, "administrator has to set your spending limit"),
    ],
)
def test_what_no_longer_fits_is_held_with_the_reason(change: Any, words: str) -> None:
    schedule = make_schedule()
    change(schedule)

    assert beat(FIRST) == {"held": 1}

    assert (seen(schedule).status, schedule.next_at) == ("held", FIRST)
    assert words in schedule.reason
    assert "0.4" not in schedule.reason
    assert not Order.objects.exists()
    assert not ScheduledRun.objects.exists()


def test_a_small_rise_is_taken_over() -> None:
    schedule = make_schedule()
    schedule.service.rate = Decimal("0.909")
    schedule.service.save()

    assert beat(FIRST)["orders"] == 1


def test_the_limit_holds_those_alone_that_do_not_fit() -> None:
    person = make_person(*BUYER)
    set_limits(person, daily_limit=Decimal(1))
    service = make_service()
    schedules = [make_schedule(person=person, service=service) for _number in range(3)]

    assert beat(FIRST) == {"orders": 2, "held": 1}

    assert [seen(one).status for one in schedules] == ["active", "active", "held"]


def test_a_second_person_approves_what_is_large() -> None:
    HubRules.objects.create(pk=1, second_person_above=Decimal("0.40"))
    make_schedule()

    beat(FIRST)

    assert Order.objects.get().held_for == "second_person"


def test_a_time_that_was_ordered_already_is_never_ordered_again() -> None:
    schedule = make_schedule()
    other = make_schedule(person=schedule.person, service=schedule.service)
    beat(FIRST)
    # As after a clock that was set back by a day, or a row that someone restored.
    Schedule.objects.filter(pk=schedule.pk).update(next_number=0, next_at=FIRST)
    Schedule.objects.filter(pk=other.pk).update(next_at=FIRST + DAY)

    beat(FIRST + MINUTE)
    beat(FIRST + DAY)

    assert (seen(schedule).status, Order.objects.filter(scheduled_run__schedule=schedule).count()) == ("held", 1)
    assert Order.objects.filter(scheduled_run__schedule=other).count() == 2


def test_an_unknown_time_zone_is_held() -> None:
    schedule = make_schedule()
    Schedule.objects.filter(pk=schedule.pk).update(time_zone="Europe/Nowhere")

    beat(FIRST)

    assert "Europe/Nowhere" in seen(schedule).reason


def test_a_thousand_due_orders_take_twenty_statements() -> None:
    person = make_person(*BUYER)
    set_limits(person, daily_limit=Decimal(10_000), second_person_above=Decimal(9_000))
    service = make_service()
    one = make_schedule(person=person, service=service, repeat="spread", count=30)
    Schedule.objects.bulk_create(
        Schedule(
            person=person,
            provider=service.provider,
            service=service,
            fields={"link": f"https://a.example/p/{number}", "quantity": "500"},
            rate=service.rate,
            repeat="daily",
            time_zone=one.time_zone,
            start_date=one.start_date,
            start_time=one.start_time,
            next_at=one.next_at,
        )
        for number in range(999)
    )

    with CaptureQueriesContext(connection) as captured:
        assert make_next(FIRST)["orders"] == 1_000

    sent = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(sent) <= 20, "\n".join(sql[:150] for sql in sent)
    assert Order.objects.count() == 1_000
