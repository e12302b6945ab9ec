"""Periods, and their sums as the database adds them up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Client, PersonDay, ProviderDay
from orders.statistics.totals import Period, read_totals
from tests.helpers.makers import make_order, make_person, make_provider, make_service

LAST = date(2026, 11, 30)


def test_the_period_before_is_as_long_and_ends_where_this_one_begins() -> None:
    period = Period(date(2026, 11, 17), LAST)

    assert period.days == 14
    assert period.before == Period(date(2026, 11, 3), date(2026, 11, 16))


@pytest.mark.parametrize(("days", "parts", "first"), [(1, 1, 1), (31, 31, 1), (32, 5, 4), (90, 13, 6)])
def test_a_long_period_is_parted_into_weeks_that_end_with_it(days: int, parts: int, first: int) -> None:
    period = Period(LAST - timedelta(days=days - 1), LAST)

    found = period.parts()

    assert (len(found), found[0].days, found[0].since, found[-1].until) == (parts, first, period.since, LAST)
    assert sum(part.days for part in found) == days


@pytest.mark.django_db
def test_all_sums_come_from_one_statement(django_assert_num_queries: Any) -> None:
    dollars, lira = make_provider(currency="USD"), make_provider(currency="TRY")
    mira = make_person()
    period = Period(LAST - timedelta(days=6), LAST)
    for day, provider, status, orders in (
        (LAST, dollars, "completed", 2),
        (LAST, lira, "partial", 1),
        (LAST, lira, "rejected", 50),
        (period.before.since, lira, "completed", 5),
        (period.before.since - timedelta(days=1), lira, "completed", 70),
    ):
        ProviderDay.objects.create(
            day=day,
            provider=provider,
            status=status,
            orders=orders,
            charge=orders * 10,
            delivered=1,
            delivery_seconds=9,
        )
    PersonDay.objects.create(day=LAST, person=mira, currency="TRY", orders=1, charge=10)
    PersonDay.objects.create(day=LAST, currency="USD", orders=2, charge=20)
    worth = {"USD": Decimal(1), "TRY": Decimal("0.1")}

    with django_assert_num_queries(1):
        totals = read_totals(period, [dollars.pk, lira.pk], worth, pace_days=7, is_whole=True)

    now, before = totals.whole(now=True), totals.whole(now=False)
    assert (now.orders, now.charge, now.delivered, now.seconds) == (3, Decimal(21), 2, 18)
    assert (before.orders, before.charge) == (5, Decimal(5))
    assert totals.by_provider[True, lira.pk].charge == 10
    assert totals.by_day[LAST].charge == Decimal(21)
    people = {name: one.charge for (_key, name), one in totals.by_person.items()}
    assert people == {mira.username: Decimal(1), "": Decimal(20)}


@pytest.mark.django_db
def test_a_reader_of_some_clients_is_shown_the_sums_of_their_orders_alone(django_assert_num_queries: Any) -> None:
    service, placed = make_service(), timezone.now() - timedelta(hours=2)
    mine, other = (Client.objects.create(name=name) for name in ("Acme", "Nova"))
    for client, charge in ((mine, 3), (other, 50), (None, 70)):
        make_order(
            service, client=client, status="completed", charge=charge, placed_at=placed, finished_at=timezone.now()
        )
    today = timezone.localdate()

    with django_assert_num_queries(1):
        totals = read_totals(
            Period(today, today),
            [service.provider_id],
            {"USD": Decimal(1)},
            pace_days=7,
            is_whole=True,
            clients=[mine.pk],
        )

    assert (totals.whole(now=True).orders, totals.whole(now=True).charge) == (1, Decimal(3))
    assert totals.whole(now=True).seconds >= 7200
    assert totals.by_day[today].charge == 3
    assert totals.pace == {}
