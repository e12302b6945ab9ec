"""How an order comes to be, once, within the limits, and how it is approved or withdrawn."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import ExchangeRate, HubRules, Order, OrderEvent
from orders.placement.approval import PriceMoved, waits_for_another
from orders.placement.reserved_amounts import spent_today
from orders.placement.services import DuplicateLink, approve_order, create_order, withdraw_order
from orders.placement.spending_limits import LimitPassed
from orders.placement.validation import OrderInvalid
from orders.submission.services import send_due
from providers.models import Provider, Service
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service
from tests.helpers.makers import (
    make_person,
    set_limits,
)

FIELDS = {"link": "https://example.com/a", "quantity": "1000"}


@pytest.fixture
def service(db: None) -> Service:
    provider = Provider.objects.create(
        name="one.example", dialect="standard", api_url="https://one.example/api/v2", currency="USD"
    )
    return Service.objects.create(
        provider=provider, external_id="1", name="x", rate=Decimal(2), min_quantity=10, max_quantity=100_000
    )


def test_an_order_is_queued_with_its_price_and_a_line_in_its_timeline(service: Service) -> None:
    person = make_person()
    order = create_order(user=person, service=service, fields=FIELDS)
    assert (order.status, order.billed_quantity) == ("queued", 1000)
    assert order.expected_charge == order.rate == Decimal(2)
    assert OrderEvent.objects.get(order=order).actor == person


def test_a_nul_in_what_the_hub_keeps_for_itself_is_left_out(service: Service) -> None:
    order = create_order(user=None, service=service, fields=FIELDS, note="a\x00b\r\nc", client_label=" x\x00y ")
    order.refresh_from_db()
    assert (order.note, order.client_label) == ("ab\nc", "xy")


def test_one_form_is_one_order_however_often_it_is_posted(service: Service) -> None:
    token = uuid.uuid4()
    made = {create_order(user=None, service=service, fields=FIELDS, form_token=token).pk for _post in range(5)}
    assert len(made) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_of_one_form_at_once_are_one_order() -> None:
    provider = Provider.objects.create(name="one.example", dialect="standard", api_url="https://one.example/api/v2")
    service = Service.objects.create(provider=provider, external_id="1", name="x", rate=2)
    token, made, start = uuid.uuid4(), [], threading.Barrier(10)

    def post() -> None:
        start.wait()
        for _again in range(5):
            made.append(create_order(user=None, service=service, fields=FIELDS, form_token=token).pk)
        connection.close()

    threads = [threading.Thread(target=post) for _number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 50
    assert len(set(made)) == 1
    assert Order.objects.count() == 1


def test_a_second_open_order_for_a_link_has_to_be_confirmed(service: Service) -> None:
    first = create_order(user=None, service=service, fields=FIELDS)
    with pytest.raises(DuplicateLink, match=f"#{first.pk}"):
        create_order(user=None, service=service, fields={**FIELDS, "link": "http://www.example.com/a/"})
    create_order(user=None, service=service, fields=FIELDS, confirm_duplicate=True)
    Order.objects.update(status="completed")
    create_order(user=None, service=service, fields=FIELDS)


def test_a_spending_limit_counts_what_was_ordered_today(service: Service) -> None:
    person = make_person("orders.view_cost")
    set_limits(person, daily_limit=Decimal(5))
    for path in "ab":
        create_order(user=person, service=service, fields={**FIELDS, "link": f"https://example.com/{path}"})
    with pytest.raises(LimitPassed, match="is left"):
        create_order(user=person, service=service, fields={**FIELDS, "link": "https://example.com/c"})
    assert spent_today(person) == 4
    Order.objects.filter(link__endswith="a").update(status="rejected")
    create_order(user=person, service=service, fields={**FIELDS, "link": "https://example.com/c"})
    Order.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert spent_today(person) == 0


@pytest.mark.django_db(transaction=True)
def test_two_orders_at_once_cannot_pass_a_limit_together() -> None:
    provider = Provider.objects.create(name="one.example", dialect="standard", api_url="https://one.example/api/v2")
    service = Service.objects.create(provider=provider, external_id="1", name="x", rate=2)
    person = make_person()
    set_limits(person, daily_limit=Decimal(5))
    refused, start = [], threading.Barrier(6)

    def post(number: int) -> None:
        start.wait()
        try:
            create_order(user=person, service=service, fields={**FIELDS, "link": f"https://example.com/{number}"})
        except LimitPassed:
            refused.append(number)
        connection.close()

    threads = [threading.Thread(target=post, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Order.objects.count() == 2
    assert len(refused) == 4


def test_a_limit_is_in_the_hubs_currency(service: Service) -> None:
    Provider.objects.update(currency="TRY")
    service.provider.refresh_from_db()
    person = make_person()
    set_limits(person, daily_limit=Decimal(5))
    with pytest.raises(OrderInvalid, match="exchange rate for TRY"):
        create_order(user=person, service=service, fields=FIELDS)
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.03"))
    assert create_order(user=person, service=service, fields=FIELDS).reserved == Decimal("0.06")


def test_a_large_order_waits_for_a_second_person_who_is_another_one(service: Service) -> None:
    HubRules.objects.create(pk=1, second_person_above=Decimal(1))
    author, other = make_person(), make_person()
    order = create_order(user=author, service=service, fields=FIELDS)
    assert (order.status, order.held_for) == ("held", "second_person")
    assert not send_due(service.provider).calls
    with pytest.raises(OrderInvalid, match="nother person"):
        approve_order(order, by=author)
    assert approve_order(order, by=other)
    order.refresh_from_db()
    assert (order.status, order.approved_by) == ("queued", other)
    assert not approve_order(order, by=other)


def test_an_order_can_be_withdrawn_until_it_is_sent(service: Service) -> None:
    order = create_order(user=None, service=service, fields=FIELDS)
    assert withdraw_order(order, by=None)
    assert not withdraw_order(order, by=None)
    Order.objects.update(status="sending", claim=uuid.uuid4())
    assert not withdraw_order(order, by=None)


def test_an_order_whose_rate_jumped_waits_until_someone_agrees(service: Service, monkeypatch: Any) -> None:
    monkeypatch.setattr("orders.submission.services.reopen", lambda *args, **how: True)
    order = create_order(user=None, service=service, fields=FIELDS)
    Service.objects.update(rate=Decimal("3.2"))
    sent = send_due(service.provider)
    order.refresh_from_db()
    assert (order.status, order.held_for, sent.calls) == ("held", "price_jump", 0)
    assert "2" in order.error
    assert "3.2" in order.error
    assert approve_order(order, by=make_person())
    order.refresh_from_db()
    assert (order.status, order.rate) == ("queued", Decimal("3.2"))


class TestLettingOutWhatBecameDear:
    @pytest.fixture
    def author(self) -> Any:
        return make_person()

    @pytest.fixture
    def jumped(self, service: Service, author: Any) -> Order:
        """Return an order of 2 that costs 6 by now, and is held for it."""
        HubRules.objects.create(pk=1, second_person_above=Decimal(5))
        order = create_order(user=author, service=service, fields=FIELDS)
        Order.objects.filter(pk=order.pk).update(status="held", held_for="price_jump")
        Service.objects.update(rate=Decimal(6))
        return Order.objects.select_related("service").get(pk=order.pk)

    def test_its_maker_does_not_where_it_is_large_by_now(self, jumped: Order, author: Any) -> None:
        assert waits_for_another(jumped, author)
        with pytest.raises(OrderInvalid, match="nother person"):
            approve_order(jumped, by=author)
        assert approve_order(jumped, by=make_person())

    def test_what_it_costs_and_takes_of_a_limit_is_of_the_new_rate(self, jumped: Order) -> None:
        assert approve_order(jumped, by=make_person())
        jumped.refresh_from_db()
        assert (jumped.rate, jumped.expected_charge, jumped.reserved) == (Decimal(6), Decimal(6), Decimal(6))

    def test_its_maker_does_below_the_threshold(self, jumped: Order, author: Any) -> None:
        HubRules.objects.update(second_person_above=Decimal(7))
        assert approve_order(jumped, by=author)

    def test_and_not_past_a_limit(self, jumped: Order, author: Any) -> None:
        HubRules.objects.update(second_person_above=None)
        person = set_limits(author, daily_limit=Decimal("5.99"))
        with pytest.raises(OrderInvalid, match="spending limit"):
            approve_order(jumped, by=author)
        person.daily_limit = Decimal(6)
        person.save()
        assert approve_order(jumped, by=author)

    @pytest.fixture
    def once_free(self, service: Service, author: Any, monkeypatch: Any) -> Order:
        """Return an order of what was free and costs 6 by now, that was queued meanwhile."""
        monkeypatch.setattr("orders.submission.services.reopen", lambda *args, **how: True)
        Service.objects.update(rate=0)
        service.refresh_from_db()
        order = create_order(user=author, service=service, fields=FIELDS)
        # Under a threshold it would have been held from the start.
        HubRules.objects.create(pk=1, second_person_above=Decimal(5))
        Service.objects.update(rate=Decimal(6))
        return order

    def test_what_was_free_is_held_and_is_as_large_as_it_is_by_now(self, once_free: Order, author: Any) -> None:
        sent = send_due(once_free.provider)
        held = Order.objects.select_related("service").get(pk=once_free.pk)
        assert (held.status, held.held_for, sent.calls) == ("held", "price_jump", 0)
        with pytest.raises(OrderInvalid, match="nother person"):
            approve_order(held, by=author)
        assert approve_order(held, by=make_person())
        held.refresh_from_db()
        assert (held.rate, held.expected_charge, held.reserved) == (Decimal(6), Decimal(6), Decimal(6))

    def test_what_was_free_does_not_pass_a_limit(self, once_free: Order, author: Any) -> None:
        send_due(once_free.provider)
        HubRules.objects.update(second_person_above=None)
        set_limits(author, daily_limit=Decimal("5.99"))
        held = Order.objects.select_related("service").get(pk=once_free.pk)
        with pytest.raises(LimitPassed):
            approve_order(held, by=author)

    def test_it_takes_of_the_day_on_which_it_is_approved(self, jumped: Order, author: Any) -> None:
        Order.objects.update(created_at=timezone.now() - timedelta(days=1))
        assert spent_today(author) == 0
        assert approve_order(jumped, by=make_person())
        assert spent_today(author) == Decimal(6)
        Order.objects.update(let_out_at=timezone.now() - timedelta(days=1))
        assert spent_today(author) == 0

    def test_one_of_today_takes_once(self, jumped: Order, author: Any) -> None:
        assert approve_order(jumped, by=make_person())
        assert spent_today(author) == Decimal(6)

    @pytest.mark.parametrize(("rate", "left"), [(6, 6), (2, 2)])
    def test_the_whole_of_one_of_yesterday_must_be_left_of_ones_own_limit(
        self, jumped: Order, author: Any, rate: int, left: int
    ) -> None:
        HubRules.objects.update(second_person_above=None)
        Service.objects.update(rate=rate)
        Order.objects.update(created_at=timezone.now() - timedelta(days=1))
        person = set_limits(author, daily_limit=left - Decimal("0.01"))
        held = Order.objects.select_related("service").get(pk=jumped.pk)
        with pytest.raises(LimitPassed):
            approve_order(held, by=author)
        person.daily_limit = Decimal(left)
        person.save()
        assert approve_order(held, by=author)

    def test_at_no_other_price_than_it_was_seen_with(self, jumped: Order) -> None:
        assert jumped.service
        assert jumped.service.rate == Decimal(6)
        Service.objects.update(rate=Decimal(9))
        with pytest.raises(PriceMoved, match="Review it again"):
            approve_order(jumped, by=make_person())
        assert Order.objects.get(pk=jumped.pk).status == "held"

    def test_what_is_held_for_something_else_by_now_is_not_approved(self, jumped: Order) -> None:
        Order.objects.filter(pk=jumped.pk).update(held_for="late_answer")
        assert not approve_order(jumped, by=make_person())


@pytest.mark.django_db
def test_nothing_leaves_before_its_pause_is_over_and_taking_it_back_costs_nothing(box: Any) -> None:
    provider = join(box, "smmplus", balance=Decimal(100))
    panel = box.panel("smmplus")
    offered = pick_service(panel)
    service = list_service(provider, offered)
    person = make_person()
    set_limits(person, daily_limit=Decimal(1000))
    later = timezone.now() + timedelta(minutes=1)
    first, second = (
        create_order(
            user=person,
            service=service,
            fields={"quantity": str(offered.minimum), "link": f"https://a.example/{number}"},
            not_before=later,
        )
        for number in range(2)
    )
    reserved = spent_today(person)

    assert send_due(provider).calls == 0
    assert withdraw_order(first, by=person)
    assert spent_today(person) == reserved / 2
    Order.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert send_due(provider).calls == 1

    assert len(calls_of(panel, "add")) == 1
    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == ["withdrawn", "pending"]
    assert not withdraw_order(second, by=person)


def test_a_smaller_rise_of_the_rate_holds_nothing(service: Service) -> None:
    from orders.submission.call_types import ORDERS

    order = create_order(user=None, service=service, fields=FIELDS)
    Service.objects.update(rate=Decimal("2.9"))
    fresh = Order.objects.select_related("service").get(pk=order.pk)
    assert ORDERS.find_price_rise(fresh, service.provider) == ""


def test_what_is_to_be_sent_again_is_held_when_the_first_try_turns_out_to_be_accepted(service: Service) -> None:
    from orders.submission import records, results
    from orders.submission.call_types import ORDERS, Accepted
    from orders.submission.services import claim

    order = create_order(user=None, service=service, fields=FIELDS)
    token = uuid.uuid4()
    rows = claim(ORDERS, service.provider, [order.pk], token)
    Order.objects.update(status="queued", claim=None)
    outcomes = results.results_of(rows, {order.pk: Accepted("77")}, None)
    records.record(ORDERS, service.provider, token, rows, outcomes, seconds=70.0)
    order.refresh_from_db()
    assert (order.status, order.held_for, order.external_id) == ("held", "late_answer", None)
    assert order.attempts.get().late_id == "77"


@pytest.mark.parametrize("parameters", [["a"], None, {"comments": ["a", "b"]}])
def test_parameters_that_are_no_text_are_refused_before_any_call(service: Service, parameters: Any) -> None:
    from orders.submission.call_types import ORDERS

    order = Order(provider=service.provider, service=service, parameters=parameters)
    assert "The order’s parameters aren’t plain text" in ORDERS.impossible(order, service.provider.speaks)
