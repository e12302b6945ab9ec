"""Unlisted refusals settled by the balance: against panels that round, lag, refund, top up and are shared."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import F

from orders.models import Attempt, BalanceCheck, LedgerEntry, Order, ProductOrder, Settlement
from orders.settlement import balance_checks, tasks
from orders.submission import services as submission_services
from providers.accounts.balances import sync_balance
from providers.models import Provider
from tests.helpers.makers import make_product, make_service
from tests.helpers.time_passing import pass_time
from tests.providers.panels import PlainPanel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_httpserver import HTTPServer

pytestmark = pytest.mark.django_db

UNLISTED = "Hubungi admin sekarang"
PRICE = Decimal("5.00")


class Bank(PlainPanel):
    """A panel with a balance: it charges what it accepts, at once or `lag` charges later, and shows it rounded."""

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.money = Decimal("100.00")
        self.step = Decimal("0.01")
        self.refuse = ""
        self.buys_anyway = False
        self.lags = False
        self.owed = Decimal(0)
        self.placed = 0
        self.states: dict[str, str] = {}
        self.answers |= {"add": self.add, "add_product_order": self.add, "balance": self.balance, "status": self.status}
        self.price = PRICE

    def balance(self, _asked: Mapping[str, str]) -> Any:
        return {"balance": str(self.money.quantize(self.step, ROUND_DOWN)), "currency": "USD"}

    def add(self, _asked: Mapping[str, str]) -> Any:
        if not self.refuse or self.buys_anyway:
            if self.lags:
                self.owed += self.price
            else:
                self.money -= self.price
        if self.refuse:
            return {"error": self.refuse}
        self.placed += 1
        self.states[str(self.placed)] = "In progress"
        return {"order": self.placed}

    def status(self, asked: Mapping[str, str]) -> Any:
        rows = {
            one: {"status": self.states[one], "charge": str(self.price), "currency": "USD"}
            for one in (asked.get("orders") or asked["order"]).split(",")
        }
        return rows if "orders" in asked else rows[asked["order"]]


@pytest.fixture
def bank(httpserver: HTTPServer) -> Bank:
    return Bank(httpserver)


@pytest.fixture
def provider(bank: Bank) -> Provider:
    made = bank.make_provider(currency="USD")
    sync_balance(made)
    return made


def queue(provider: Provider, number: int = 1, **fields: Any) -> Order:
    service = fields.pop("service", None) or make_service(provider)
    plain = {"expected_charge": PRICE, "billed_quantity": 100, "currency": "USD"}
    return Order.objects.create(
        provider=provider, service=service, link=f"https://example.com/p/{number}", quantity=100, **(plain | fields)
    )


def follow_an_order(provider: Provider) -> None:
    """An order is accepted, and the balance follows it within minutes."""
    queue(provider, 900)
    submission_services.send_due(provider)
    pass_time(4)
    sync_balance(provider)
    pass_time(30)
    sync_balance(provider)
    pass_time(3)


def refuse(bank: Bank, provider: Provider, **fields: Any) -> Order:
    bank.refuse = UNLISTED
    order = queue(provider, **fields)
    submission_services.send_due(provider)
    order.refresh_from_db()
    assert order.status == "unconfirmed"
    assert "Checking the balance" in order.error
    assert UNLISTED in order.error
    return order


def check(provider: Provider, *, rounds: int = 3) -> None:
    for minutes in (1, 10, 11)[:rounds]:
        pass_time(minutes)
        assert balance_checks.providers_due() == [provider.pk]
        balance_checks.run_checks(provider)


def state_of(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    return order.status, BalanceCheck.objects.get(order=order).reason


def test_a_refusal_that_the_balance_confirms(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)

    check(provider, rounds=2)
    assert state_of(order) == ("unconfirmed", "")
    pass_time(11)
    balance_checks.run_checks(provider)

    order.refresh_from_db()
    assert order.status == "rejected"
    assert order.error == f"{UNLISTED} (confirmed by the balance)"
    assert BalanceCheck.objects.get().state == "rejected"
    made = Settlement.objects.get()
    assert (made.way, made.by) == ("not_placed", None)
    assert order.events.filter(kind="settled", after="rejected").exists()
    # Sent once, and never again by itself.
    submission_services.send_due(provider)
    assert bank.actions().count("add") == 2


def test_a_product_order_that_the_balance_confirms(bank: Bank) -> None:
    provider = bank.make_provider(currency="USD", dialect="smmvna")
    bank.answers["product_order_status"] = bank.status
    sync_balance(provider)
    follow_an_order(provider)
    bank.refuse = UNLISTED
    product = make_product(provider)
    order = ProductOrder.objects.create(provider=provider, product=product, quantity=1, expected_charge=PRICE)
    submission_services.send_due(provider)

    check(provider)

    order.refresh_from_db()
    assert order.status == "rejected"
    assert order.error.endswith("(confirmed by the balance)")


def test_what_was_bought_in_spite_of_its_refusal_stays_unconfirmed(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    bank.buys_anyway = True
    order = refuse(bank, provider)

    check(provider, rounds=1)

    assert state_of(order) == ("unconfirmed", "moved")
    order.refresh_from_db()
    assert "The balance can’t confirm it: the balance changed." in order.error


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"expected_charge": None}, "no_price"),
        ({"expected_charge": Decimal("0.004")}, "too_small"),
        ({"expected_charge": Decimal("0.01")}, "too_small"),
        ({"expected_charge": Decimal("0.1"), "parameters": {"runs": "10", "interval": "5"}}, "too_small"),
    ],
)
def test_a_price_that_would_not_show_proves_nothing(
    bank: Bank, provider: Provider, fields: dict[str, Any], reason: str
) -> None:
    bank.money = Decimal("99.99")
    sync_balance(provider)
    bank.price = Decimal("5.00")
    follow_an_order(provider)
    order = refuse(bank, provider, **fields)

    check(provider, rounds=1)

    assert state_of(order) == ("unconfirmed", reason)


def test_an_account_whose_balance_was_never_seen_to_follow(bank: Bank, provider: Provider) -> None:
    order = refuse(bank, provider)

    check(provider)

    assert state_of(order) == ("unconfirmed", "not_followed")


def test_an_account_without_a_reading_from_before(bank: Bank) -> None:
    provider = bank.make_provider(currency="USD")
    order = refuse(bank, provider)

    check(provider, rounds=1)

    assert state_of(order) == ("unconfirmed", "no_reading_before")


def test_an_account_that_someone_else_uses_too(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    bank.money -= Decimal("1.23")
    sync_balance(provider)
    pass_time(10)
    sync_balance(provider)
    order = refuse(bank, provider)

    check(provider)

    assert state_of(order) == ("unconfirmed", "unexplained")


def test_another_call_that_is_not_known_falls_into_the_same_time(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order, other = refuse(bank, provider), queue(provider, 2)
    bank.answers["add"] = {}
    submission_services.send_due(provider)
    other.refresh_from_db()
    assert other.status == "unconfirmed"

    check(provider, rounds=1)

    assert state_of(order) == ("unconfirmed", "other_calls")


def test_an_order_that_is_accepted_in_the_same_time(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)
    bank.refuse, bank.price = "", Decimal(0)
    queue(provider, 2)
    submission_services.send_due(provider)

    check(provider, rounds=1)

    assert state_of(order) == ("unconfirmed", "other_calls")


def test_a_refund_of_the_same_amount_hides_nothing(bank: Bank, provider: Provider) -> None:
    """Another order is refunded while this one is charged: the balance stands still, and the order was bought."""
    follow_an_order(provider)
    bank.buys_anyway = True
    order = refuse(bank, provider)
    bank.money += PRICE
    bank.states["1"] = "Canceled"

    check(provider)

    assert state_of(order) == ("unconfirmed", "money_moved")


def test_an_order_that_cannot_be_polled_may_have_been_refunded(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)
    bank.answers["status"] = {"error": "Incorrect order ID"}

    check(provider)

    assert state_of(order) == ("unconfirmed", "refunds_unknown")


def test_a_top_up_that_was_entered_falls_into_the_same_time(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)
    LedgerEntry.objects.create(provider=provider, kind="top_up", amount=PRICE)

    check(provider, rounds=1)

    assert state_of(order) == ("unconfirmed", "money_moved")


def test_a_hidden_top_up_shows_between_the_readings(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    bank.buys_anyway = True
    order = refuse(bank, provider)
    pass_time(1)
    balance_checks.run_checks(provider)
    bank.money += PRICE

    assert state_of(order) == ("unconfirmed", "moved")


def test_an_earlier_try_that_is_not_known_either(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)
    Attempt.objects.create(provider=provider, action="add", order=order, outcome="unknown")
    Attempt.objects.filter(order=order, detail="").update(started_at=F("started_at") - timedelta(days=3))

    check(provider, rounds=1)

    assert state_of(order) == ("unconfirmed", "earlier_try")


def test_a_charge_that_comes_later_reopens_it(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    bank.buys_anyway = bank.lags = True
    order = refuse(bank, provider)
    check(provider)
    order.refresh_from_db()
    assert order.status == "rejected"

    pass_time(120)
    bank.money -= bank.owed
    sync_balance(provider)
    pass_time(1)
    assert balance_checks.run_checks(provider)["reopened"] == 1

    order.refresh_from_db()
    assert order.status == "unconfirmed"
    assert "The balance later changed by this order’s price. It may have been placed after all" in order.error
    assert order.events.filter(kind="reopened", after="unconfirmed").exists()
    assert BalanceCheck.objects.get().state == "reopened"


@pytest.mark.parametrize("moved", ["-1.00", "-50.00", "5.00"])
def test_a_later_movement_that_does_not_fit_reopens_nothing(bank: Bank, provider: Provider, moved: str) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)
    check(provider)
    pass_time(120)
    bank.money += Decimal(moved)
    sync_balance(provider)
    pass_time(1)

    balance_checks.run_checks(provider)

    order.refresh_from_db()
    assert order.status == "rejected"


def test_a_person_who_is_quicker_has_decided(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)
    Order.objects.filter(pk=order.pk).update(status="given_up", claim=None)

    check(provider)

    order.refresh_from_db()
    assert order.status == "given_up"
    assert BalanceCheck.objects.get().reason == "settled"


def test_a_balance_that_cannot_be_read_is_read_again_and_then_left(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)
    bank.answers["balance"] = {"error": "Internal server error"}

    pass_time(1)
    assert balance_checks.run_checks(provider)["postponed"] == 1
    Provider.objects.update(breaker_until=None)
    pass_time(150)
    balance_checks.run_checks(provider)

    assert state_of(order) == ("unconfirmed", "no_balance")


def test_a_check_runs_twice_at_most_once(bank: Bank, provider: Provider) -> None:
    follow_an_order(provider)
    order = refuse(bank, provider)
    check(provider)

    tasks.check_balances(provider.pk)
    tasks.check_balances(provider.pk + 1)

    assert Settlement.objects.count() == 1
    assert state_of(order) == ("rejected", "")
