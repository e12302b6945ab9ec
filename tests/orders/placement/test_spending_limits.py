"""What counts towards a day's limit, and what does not: states, currencies, the hub's midnight, the maker's own."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User

from orders.models import ExchangeRate, HubRules, Order
from orders.placement.approval import waits_for_another
from orders.placement.reserved_amounts import spent_today
from orders.placement.services import create_order
from orders.placement.spending_limits import LimitPassed
from providers.models import Service
from tests.helpers.makers import make_person, make_provider, make_service, set_limits

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_person("orders.view_cost")


def order(person: User, service: Service, **fields: Any) -> Order:
    fields = {"link": "https://example.com/a", "quantity": "1000"} | fields
    return create_order(user=person, service=service, fields=fields, confirm_duplicate=True)


@pytest.mark.parametrize("status", ["held", "queued", "sending", "unconfirmed", "given_up", "pending", "canceled"])
def test_what_may_have_cost_money_counts(person: User, status: str) -> None:
    set_limits(person, daily_limit=Decimal("1.5"))
    service = make_service()
    made = order(person, service)
    Order.objects.filter(pk=made.pk).update(status=status, claim="6c1d8f5e-0f3b-4a39-9c1e-5a3a8f2f6f10")

    assert spent_today(person) == Decimal("0.9")
    with pytest.raises(LimitPassed, match=r"0\.60 is left"):
        order(person, service)
    Order.objects.filter(pk=made.pk).update(status="rejected")
    assert order(person, service).status == "queued"


def test_a_currency_worth_more_than_the_hubs_takes_more_of_the_limit(person: User) -> None:
    ExchangeRate.objects.create(currency="KWD", rate=Decimal("3.3"))
    set_limits(person, daily_limit=Decimal("2.96"))

    with pytest.raises(LimitPassed, match=r"2\.9700 USD"):
        order(person, make_service(make_provider(currency="KWD")))
    assert order(person, make_service(make_provider(currency="USD"))).reserved == Decimal("0.9")


def test_a_currency_without_a_name_is_worth_the_most_there_is_and_never_less_than_the_hubs(person: User) -> None:
    service = make_service(make_provider(currency=""))
    ExchangeRate.objects.create(currency="VND", rate=Decimal("0.00004"))
    assert order(person, service).reserved == Decimal("0.9")
    ExchangeRate.objects.create(currency="KWD", rate=Decimal("3.3"))
    assert order(person, service).reserved == Decimal("2.97")


def test_the_day_ends_at_midnight_of_the_hub(person: User, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Ho_Chi_Minh"
    set_limits(person, daily_limit=Decimal(1))
    service = make_service()
    # 23:30 there; 30 minutes later it is the next day there, and still the same in UTC.
    with time_machine.travel(datetime(2026, 11, 20, 16, 30, tzinfo=UTC), tick=False):
        order(person, service)
        with pytest.raises(LimitPassed):
            order(person, service)
    with time_machine.travel(datetime(2026, 11, 20, 17, 0, tzinfo=UTC), tick=False):
        assert order(person, service).status == "queued"
        with pytest.raises(LimitPassed):
            order(person, service)
    # Midnight of UTC is no border there.
    with time_machine.travel(datetime(2026, 11, 21, 0, 30, tzinfo=UTC), tick=False), pytest.raises(LimitPassed):
        order(person, service)


class TestThePriceJumped:
    """Who approves an order whose price rose while it waited."""

    def held(self, person: User, service: Service, rate: str) -> Order:
        made = order(person, service)
        Order.objects.filter(pk=made.pk).update(status="held", held_for="price_jump")
        Service.objects.filter(pk=service.pk).update(rate=Decimal(rate))
        return Order.objects.select_related("service").get(pk=made.pk)

    @pytest.mark.parametrize(("rate", "waits"), [("1.9", False), ("2", False), ("2.1", True)])
    def test_its_maker_approves_it_up_to_the_threshold(self, person: User, rate: str, waits: bool) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal(2))

        held = self.held(person, make_service(), rate)

        assert waits_for_another(held, person) is waits
        assert not waits_for_another(held, make_person())

    def test_without_an_exchange_rate_no_one_approves_their_own(self, person: User) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal(1000))
        held = self.held(person, make_service(make_provider(currency="KWD"), rate=Decimal(0)), "2")

        assert waits_for_another(held, person)
        assert not waits_for_another(held, make_person())
        ExchangeRate.objects.create(currency="KWD", rate=Decimal("3.3"))
        assert not waits_for_another(held, person)

    def test_without_a_threshold_its_maker_approves_it_whatever_it_costs(self, person: User) -> None:
        assert not waits_for_another(self.held(person, make_service(), "900"), person)
