from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.accounting.ledger import confirm_entry, delete_entry, enter, learn_from_charges, recognise_top_ups
from orders.accounting.reconciliation import orders_that_differ, reconcile, sum_by_client
from orders.models import ChargeDelta, LedgerEntry, Order, ProductOrder
from panelhub.models import AuditEvent
from providers.models import BalanceReading, Provider
from tests.helpers.makers import make_person, make_provider, make_service

DAY = date(2026, 11, 20)


def at(hour: int, minute: int = 0, *, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def reading(provider: Provider, when: datetime, balance: str) -> BalanceReading:
    return BalanceReading.objects.create(
        provider=provider, at=when, balance=Decimal(balance), currency=provider.currency
    )


def charge(
    provider: Provider, when: datetime, amount: str, *, order: Order | None = None, currency: str = "USD"
) -> None:
    order = order or Order.objects.create(provider=provider, status="pending")
    ChargeDelta.objects.create(provider=provider, order=order, at=when, amount=Decimal(amount), currency=currency)


# --- Days


@pytest.mark.django_db
def test_charges_and_entries_that_explain_the_balance_leave_no_difference() -> None:
    provider = make_provider("smmplus")
    reading(provider, at(22, day=DAY - timedelta(days=1)), "100")
    charge(provider, at(9), "0.1")
    charge(provider, at(10), "0.2")
    reading(provider, at(10, 1), "99.7")
    charge(provider, at(11), "-0.05")
    enter(provider, kind="top_up", amount=Decimal(50), at=at(12), text="invoice 7", by=make_person())
    reading(provider, at(12, 1), "149.75")

    (day,) = reconcile(provider, since=DAY, until=DAY).days

    assert (day.opening, day.closing, day.readings) == (Decimal(100), Decimal("149.75"), 2)
    assert (day.charged, day.entered) == (Decimal("0.25"), Decimal(50))
    assert day.moved == Decimal("49.75")
    assert day.difference == 0


@pytest.mark.django_db
def test_what_nothing_explains_is_shown() -> None:
    provider = make_provider("smmplus")
    reading(provider, at(1), "100")
    charge(provider, at(9), "3")
    reading(provider, at(10), "95.5")

    report = reconcile(provider, since=DAY, until=DAY)

    assert report.days[0].difference == Decimal("-1.5")
    assert report.total.difference == Decimal("-1.5")


@pytest.mark.django_db
def test_a_thousand_small_charges_add_up_exactly() -> None:
    provider = make_provider("smmplus")
    order = Order.objects.create(provider=provider, status="pending")
    reading(provider, at(1), "1000")
    ChargeDelta.objects.bulk_create(
        ChargeDelta(provider=provider, order=order, at=at(9), amount=Decimal("0.00001"), currency="USD")
        for _ in range(1000)
    )
    reading(provider, at(10), "999.99")

    (day,) = reconcile(provider, since=DAY, until=DAY).days

    assert day.charged == Decimal("0.01")
    assert day.difference == 0


@pytest.mark.django_db
def test_a_day_without_readings_closes_as_it_opened_and_days_follow_each_other() -> None:
    provider = make_provider("smmplus")
    reading(provider, at(1, day=DAY - timedelta(days=3)), "10")
    reading(provider, at(5), "8")

    first, second, third = reconcile(provider, since=DAY - timedelta(days=1), until=DAY + timedelta(days=1)).days

    assert (first.opening, first.closing, first.difference) == (Decimal(10), Decimal(10), Decimal(0))
    assert (second.opening, second.closing) == (Decimal(10), Decimal(8))
    assert (third.opening, third.closing) == (Decimal(8), Decimal(8))


@pytest.mark.django_db
def test_without_any_reading_nothing_is_claimed() -> None:
    provider = make_provider("smmplus")
    charge(provider, at(9), "3")

    (day,) = reconcile(provider, since=DAY, until=DAY).days

    assert (day.moved, day.difference, day.charged) == (None, None, Decimal(3))


@pytest.mark.django_db
def test_days_are_those_of_the_hubs_time_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Bangkok"
    default_zone: Any = timezone.get_default_timezone
    default_zone.cache_clear()
    try:
        provider = make_provider("smmplus")
        reading(provider, at(1), "100")
        # Half past seven in the evening in London is the small hours of the next day in Bangkok.
        charge(provider, at(19, 30), "3")
        reading(provider, at(19, 31), "97")

        today, tomorrow = reconcile(provider, since=DAY, until=DAY + timedelta(days=1)).days

        assert (today.charged, tomorrow.charged) == (Decimal(0), Decimal(3))
        assert (today.closing, tomorrow.difference) == (Decimal(100), Decimal(0))
    finally:
        default_zone.cache_clear()


@pytest.mark.django_db
def test_other_currencies_stand_beside_and_are_not_added_up() -> None:
    provider = make_provider("smpanelim", currency="TRY")
    charge(provider, at(9), "12.5", currency="TRY")
    charge(provider, at(9), "2", currency="USD")
    charge(provider, at(9), "1", currency="")

    (day,) = reconcile(provider, since=DAY, until=DAY).days

    assert (day.charged, day.elsewhere) == (Decimal("13.5"), {"USD": Decimal(2)})


@pytest.mark.django_db
def test_what_no_one_has_reported_yet_is_reported() -> None:
    provider = make_provider("smmplus")
    common = {"provider": provider, "created_at": at(9), "expected_charge": Decimal("0.9")}
    Order.objects.create(status="pending", external_id="1", **common)
    Order.objects.create(status="pending", external_id="2", charge=Decimal("0.9"), **common)
    Order.objects.create(status="rejected", **common)

    assert reconcile(provider, since=DAY, until=DAY).days[0].unreported == Decimal("0.9")


@pytest.mark.django_db
def test_the_statements_do_not_grow_with_the_period(django_assert_num_queries: Any) -> None:
    provider = make_provider("smmplus")
    for day in range(20):
        reading(provider, at(9, day=DAY - timedelta(days=day)), str(100 + day))
        charge(provider, at(9, day=DAY - timedelta(days=day)), "1")

    with django_assert_num_queries(8):
        reconcile(provider, since=DAY, until=DAY)
    with django_assert_num_queries(8):
        reconcile(provider, since=DAY - timedelta(days=30), until=DAY)


# --- Entries


@pytest.mark.django_db
def test_a_balance_that_rose_by_itself_is_recognised_as_a_top_up_and_counts_once_confirmed() -> None:
    provider = make_provider("smmplus")
    reading(provider, at(8), "10")
    Order.objects.create(
        provider=provider,
        status="pending",
        external_id="1",
        expected_charge=Decimal(5),
        placed_at=at(8, 30),
        created_at=at(8, 29),
    )
    reading(provider, at(9), "55")

    assert recognise_top_ups(provider) == 1
    assert recognise_top_ups(provider) == 0

    entry = LedgerEntry.objects.get()
    assert (entry.amount, entry.at, entry.recognised, entry.created_by) == (Decimal(50), at(9), True, None)
    day = reconcile(provider, since=DAY, until=DAY).days[0]
    assert (day.entered, day.to_confirm) == (Decimal(0), Decimal(50))
    assert day.difference == 45

    person = make_person()
    assert confirm_entry(entry, by=person)
    assert not confirm_entry(entry, by=make_person())
    charge(provider, at(10), "5")
    assert reconcile(provider, since=DAY, until=DAY).days[0].difference == 0
    assert AuditEvent.objects.filter(action="ledger.confirmed", actor=person).count() == 1


@pytest.mark.django_db
def test_a_rise_that_refunds_explain_is_no_top_up() -> None:
    provider = make_provider("smmplus")
    order = Order.objects.create(provider=provider, status="canceled", expected_charge=Decimal(5))
    reading(provider, at(8), "10")
    charge(provider, at(7), "5", order=order)
    reading(provider, at(9), "15")
    # Seen when the order was polled, a little after the balance.
    charge(provider, at(9, 10), "-5", order=order)

    assert recognise_top_ups(provider) == 0


@pytest.mark.django_db
def test_a_top_up_that_was_entered_by_hand_is_not_recognised_again() -> None:
    provider = make_provider("smmplus")
    reading(provider, at(8), "10")
    enter(provider, kind="top_up", amount=Decimal(50), at=at(20), text="bank", by=make_person())
    reading(provider, at(9), "60")

    assert recognise_top_ups(provider) == 0


@pytest.mark.django_db
def test_a_rise_is_judged_only_when_refunds_have_had_time_to_show() -> None:
    provider = make_provider("smmplus")
    now = timezone.now()
    reading(provider, now - timedelta(hours=2), "10")
    fresh = reading(provider, now - timedelta(minutes=5), "60")
    assert recognise_top_ups(provider) == 0

    BalanceReading.objects.filter(pk=fresh.pk).update(at=now - timedelta(hours=1))
    assert recognise_top_ups(provider) == 1


@pytest.mark.django_db
def test_a_recognised_entry_that_was_deleted_does_not_come_back() -> None:
    provider = make_provider("smmplus")
    reading(provider, at(8), "10")
    reading(provider, at(9), "60")
    recognise_top_ups(provider)

    assert delete_entry(LedgerEntry.objects.get(), by=make_person())
    assert recognise_top_ups(provider) == 0
    assert not LedgerEntry.objects.exists()
    assert AuditEvent.objects.get(action="ledger.deleted").data["amount"].startswith("50")


@pytest.mark.django_db
def test_the_first_reading_of_an_account_is_no_top_up() -> None:
    provider = make_provider("smmplus")
    reading(provider, at(8), "100")

    assert recognise_top_ups(provider) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("charged", "reported"), [("4.50", "each"), ("0.0045", "per_1000"), ("9", "")])
def test_what_a_packages_rate_means_is_learnt_from_a_reported_charge(charged: str, reported: str) -> None:
    provider = make_provider("smmplus")
    service = make_service(provider, type="package", rate=Decimal("4.50"), min_quantity=1)
    Order.objects.create(
        provider=provider,
        service=service,
        status="pending",
        external_id="1",
        rate=service.rate,
        charge=Decimal(charged),
        billed_quantity=1,
    )

    learn_from_charges()

    provider.refresh_from_db()
    assert provider.package_billing == reported


# --- Expected beside reported


@pytest.mark.django_db
def test_only_orders_charged_otherwise_than_expected_are_listed() -> None:
    provider = make_provider("smmplus")

    def order(status: str, charged: str | None, **fields: Any) -> Order:
        plain = {
            "created_at": at(9),
            "expected_charge": Decimal("0.90"),
            "billed_quantity": 1000,
            "charge": None if charged is None else Decimal(charged),
        }
        return Order.objects.create(provider=provider, status=status, **(plain | fields))

    order("completed", "0.90")
    order("completed", "0.9001")
    more_expensive = order("completed", "1.20")
    cheaper = order("pending", "0.45")
    order("partial", "0.675", remains=250)
    refund_missing = order("partial", "0.90", remains=250)
    order("canceled", "0")
    not_given_back = order("canceled", "0.90")
    order("pending", None)
    order("pending", "5", expected_charge=None)
    order("completed", "9", created_at=at(9, day=DAY - timedelta(days=1)))

    found: list[Any] = list(orders_that_differ(Order.objects.all(), since=DAY, until=DAY))

    assert found == [not_given_back, refund_missing, cheaper, more_expensive]
    assert [round(one.gap, 6) for one in found] == [
        Decimal("0.90"),
        Decimal("0.225"),
        Decimal("-0.45"),
        Decimal("0.30"),
    ]
    assert round(found[1].net, 6) == Decimal("0.675")


# --- By client


@pytest.mark.django_db
def test_orders_and_product_orders_are_summed_by_client_and_currency() -> None:
    usd, dong = make_provider("smmplus"), make_provider("smmvna", currency="VND")

    def order(model: Any, provider: Provider, label: str, expected: str, charged: str | None, status: str) -> None:
        model.objects.create(
            provider=provider,
            client_label=label,
            created_at=at(9),
            currency=provider.currency,
            expected_charge=Decimal(expected),
            charge=None if charged is None else Decimal(charged),
            status=status,
        )

    order(Order, usd, "Acme", "1", "1.1", "completed")
    order(Order, usd, "Acme", "2", None, "pending")
    order(ProductOrder, dong, "Acme", "100", "100", "completed")
    order(Order, usd, "", "7", "7", "completed")
    order(Order, usd, "Acme", "50", None, "rejected")

    acme_usd, acme_dong, unnamed = sum_by_client(Order.objects.all(), ProductOrder.objects.all(), since=DAY, until=DAY)

    assert (acme_usd.label, acme_usd.currency, acme_usd.orders, acme_usd.open) == ("Acme", "USD", 2, 1)
    assert (acme_usd.expected, acme_usd.charged) == (Decimal(3), Decimal("1.1"))
    assert (acme_dong.currency, acme_dong.charged) == ("VND", Decimal(100))
    assert (unnamed.label, unnamed.expected) == ("", Decimal(7))
