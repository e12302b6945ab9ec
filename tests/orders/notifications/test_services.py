"""Each event is reported once: from when it is first seen, to those who may know, until it is over."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from orders import statuses
from orders.models import Channel, Delivery, Notice, NoticeChoice, ProductOrder, Refill
from orders.notifications import services as notifications_services
from orders.notifications.types import BY_SLUG, NOTICE_TYPES
from orders.placement.spending_limits import SECOND_PERSON
from panelhub.background.scheduler import SCHEDULE_BEAT
from panelhub.models import WORKER_BEAT, Heartbeat
from providers.models import CatalogueHold, Provider, Service, ServiceChange
from tests.helpers.makers import (
    grant,
    make_order,
    make_person,
    make_product,
    make_provider,
    make_service,
)

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(hours=1)


def notices(kind: str, *, sees_cost: bool = True) -> list[str]:
    return [
        BY_SLUG[n.kind].describe(n.params, sees_cost=sees_cost)
        for n in Notice.objects.filter(kind=kind, ended_at=None).order_by("pk")
    ]


# --- What is found ----------------------------------------------------------------------------------------------------


def test_a_paid_call_that_is_unconfirmed_for_a_quarter_of_an_hour_is_reported_whatever_it_is() -> None:
    provider = make_provider(name="Panel")
    now = timezone.now()
    order = make_order(provider=provider, status=statuses.UNCONFIRMED, claimed_at=now - timedelta(minutes=16))
    make_order(provider=provider, status=statuses.UNCONFIRMED, claimed_at=now - timedelta(minutes=14))
    placed = make_order(provider=provider, status="completed", external_id="5")
    refill = Refill.objects.create(order=placed, status=statuses.UNCONFIRMED, claimed_at=now - LONG_AGO)

    notifications_services.watch()

    assert notices("unconfirmed") == [
        f"Order #{order.pk} at Panel is unconfirmed. It may have been placed.",
        f"Refill #{refill.pk} at Panel is unconfirmed. It may have been placed.",
    ]


def test_an_order_that_waits_for_a_second_person_is_shown() -> None:
    order = make_order(
        provider=make_provider(name="Panel"),
        status=statuses.HELD,
        held_for=SECOND_PERSON,
        expected_charge=Decimal("120.5"),
    )
    make_order(provider=order.provider, status=statuses.HELD, held_for="price_jump")

    notifications_services.watch()

    assert notices("held") == [f"Order #{order.pk} at Panel needs approval by another person: 120.50 USD."]
    assert notices("held", sees_cost=False) == [f"Order #{order.pk} at Panel needs approval by another person."]


def test_a_product_order_that_waits_leads_to_its_own_page() -> None:
    product = make_product()
    waiting = ProductOrder.objects.create(
        provider=product.provider, product=product, status=statuses.HELD, held_for=SECOND_PERSON
    )

    notifications_services.watch()

    notice = Notice.objects.get(kind="held")
    assert BY_SLUG["held"].address(notice.params) == reverse("orders:product_detail", args=[waiting.pk])


def test_a_provider_is_down_when_it_is_silent_for_minutes_or_refuses_the_account() -> None:
    now = timezone.now()
    make_provider(
        name="Silent", breaker_until=now, last_success_at=now - timedelta(minutes=5), last_failure="timed out"
    )
    make_provider(name="Hiccup", breaker_until=now, last_success_at=now - timedelta(minutes=1))
    make_provider(name="Refused", pause_kind="bad_key", pause_text="Incorrect API key")
    make_provider(name="Rested", pause_kind="by_hand")
    make_provider(name="Off", is_active=False, pause_kind="bad_key")

    notifications_services.watch()

    assert notices("provider_down") == ["Silent is down: timed out", "Refused is down: Incorrect API key"]


def test_a_balance_is_low_below_its_threshold_or_when_the_provider_says_so() -> None:
    make_provider(name="Poor", balance=Decimal("4.99"), low_balance=Decimal(5))
    make_provider(name="Enough", balance=Decimal(5), low_balance=Decimal(5))
    make_provider(name="Unwatched", balance=Decimal(0))
    make_provider(name="Broke", balance=Decimal(1), pause_kind="no_funds")

    notifications_services.watch()

    assert notices("low_balance") == ["The balance at Poor is low: 4.99 USD.", "The balance at Broke is low: 1.00 USD."]


def test_services_closed_by_a_price_jump_are_one_notice_and_a_later_jump_another() -> None:
    provider = make_provider(name="Panel")
    for _ in range(3):
        service = make_service(provider, hold_reason=Service.Hold.PRICE_JUMP)
        ServiceChange.objects.create(provider=provider, service=service, kind="jump")
    notifications_services.watch()
    assert notices("price_jump") == ["Panel changed prices by more than allowed. Services closed until accepted: 3."]
    first = Notice.objects.get(kind="price_jump", ended_at=None).pk

    ServiceChange.objects.create(provider=provider, service=service, kind="jump")
    notifications_services.watch()

    assert Notice.objects.get(kind="price_jump", ended_at=None).pk != first


def test_a_held_catalogue_is_reported_until_someone_decides() -> None:
    hold = CatalogueHold.objects.create(provider=make_provider(name="Panel"), body_hash="x", reason="Half is gone.")
    notifications_services.watch()
    assert notices("held_catalogue") == ["The catalogue of Panel is on hold: Half is gone."]

    CatalogueHold.objects.filter(pk=hold.pk).update(accepted_at=timezone.now())
    notifications_services.watch()

    assert notices("held_catalogue") == []


def test_a_service_that_closed_is_shown_only_with_open_orders() -> None:
    provider = make_provider(name="Panel")
    closed = make_service(provider, name="Likes", is_available=False)
    idle = make_service(provider, is_available=False)
    make_order(provider=provider, service=closed, status="in_progress", external_id="1")
    make_order(provider=provider, service=closed, status=statuses.QUEUED)
    make_order(provider=provider, service=idle, status="completed", external_id="2")

    notifications_services.watch()

    assert notices("service_closed") == ["Panel no longer lists “Likes”; open orders: 2."]


def test_a_schedule_that_falls_silent_is_reported_and_one_that_never_was_is_not() -> None:
    Heartbeat.beat(f"{WORKER_BEAT}one")
    notifications_services.watch()
    assert notices("not_alive") == []

    Heartbeat.beat(SCHEDULE_BEAT)
    Heartbeat.objects.filter(name=SCHEDULE_BEAT).update(at=timezone.now() - LONG_AGO)
    notifications_services.watch()
    assert notices("not_alive") == ["Part of the hub stopped: the schedule."]

    Heartbeat.beat(SCHEDULE_BEAT)
    notifications_services.watch()
    assert notices("not_alive") == []


# --- Once -------------------------------------------------------------------------------------------------------------


def test_what_goes_on_is_one_notice_however_often_it_is_looked_at() -> None:
    provider = make_provider(balance=Decimal(1), low_balance=Decimal(5))
    assert notifications_services.watch()["raised"] == 1
    Provider.objects.filter(pk=provider.pk).update(balance=Decimal("0.5"))

    assert notifications_services.watch()["raised"] == 0

    assert Notice.objects.count() == 1
    assert "0.50" in notices("low_balance")[0]


def test_what_comes_back_at_once_is_the_same_trouble_and_later_a_new_one() -> None:
    make_person("orders.view_cost")
    provider = make_provider(balance=Decimal(1), low_balance=Decimal(5))

    def set_balance(amount: int) -> None:
        Provider.objects.filter(pk=provider.pk).update(balance=Decimal(amount))
        notifications_services.watch()

    notifications_services.watch()
    set_balance(9)
    assert notices("low_balance") == []
    set_balance(1)
    assert Notice.objects.filter(ended_at=None).count() == 1
    assert Delivery.objects.count() == 1
    set_balance(9)

    with time_machine.travel(timezone.now() + notifications_services.SAME_TROUBLE + timedelta(seconds=1)):
        set_balance(1)

    assert Notice.objects.count() == 2
    assert Delivery.objects.count() == 2


def test_a_look_that_was_cut_off_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        make_provider(balance=Decimal(1), low_balance=Decimal(5))
    notifications_services.watch()
    monkeypatch.setattr("orders.notifications.detectors.MOST", 2)
    monkeypatch.setattr(notifications_services, "MOST", 2)

    assert notifications_services.watch()["ended"] == 0
    assert Notice.objects.filter(ended_at=None).count() == 3


def test_looking_costs_the_same_however_much_there_is(django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        make_person("orders.view_cost")
        make_provider(balance=Decimal(1), low_balance=Decimal(5))

    with django_assert_max_num_queries(85):
        notifications_services.watch()

    assert Delivery.objects.count() == 900


def test_old_notices_are_forgotten_with_their_deliveries() -> None:
    make_person("orders.view_cost")
    make_provider(balance=Decimal(1), low_balance=Decimal(5))
    notifications_services.watch()
    now = timezone.now()

    notifications_services.forget_old(now)
    assert Notice.objects.count() == 1
    Notice.objects.update(ended_at=now - notifications_services.KEPT - timedelta(days=1))
    notifications_services.forget_old(now)

    assert not Notice.objects.exists()
    assert not Delivery.objects.exists()


# --- To whom ----------------------------------------------------------------------------------------------------------


def readers() -> set[Any]:
    return set(Delivery.objects.filter(channel=None).values_list("person_id", flat=True))


def test_only_those_who_may_see_it_are_notified() -> None:
    allowed, boss = make_person("orders.view_cost"), make_person(is_superuser=True)
    make_person("providers.view_provider")
    make_person("orders.view_cost", is_active=False)
    make_provider(balance=Decimal(1), low_balance=Decimal(5))

    notifications_services.watch()

    assert readers() == {allowed.pk, boss.pk}


def test_who_is_limited_to_some_providers_is_notified_of_those_alone() -> None:
    mine, other = (make_provider(balance=Decimal(1), low_balance=Decimal(5)) for _ in range(2))
    limited = make_person("orders.view_cost")
    grant(limited, mine)

    notifications_services.watch()

    reported = Delivery.objects.filter(person=limited).values_list("notice__provider", flat=True)
    assert list(reported) == [mine.pk]
    assert Notice.objects.filter(provider=other).exists()


def test_a_place_that_several_people_read_gets_it_once_and_each_mailbox_apart() -> None:
    mail = Channel.objects.create(name="mail", url="mailtos://h@example.com?to={email}", is_personal=True)
    chat = Channel.objects.create(name="chat", url="tgram://x")
    off = Channel.objects.create(name="off", url="tgram://y", is_active=False)
    people = [make_person("orders.view_cost") for _ in range(3)]
    for person in people[:2]:
        for channel in (mail, chat, off):
            NoticeChoice.objects.create(person=person, kind="low_balance", channel=channel)
    make_provider(balance=Decimal(1), low_balance=Decimal(5))

    notifications_services.watch()

    made = Delivery.objects.exclude(channel=None).values_list("channel", "person")
    assert set(made) == {(mail.pk, people[0].pk), (mail.pk, people[1].pk), (chat.pk, None)}
    assert len(made) == 3


# --- Words ------------------------------------------------------------------------------------------------------------


def test_every_kind_writes_itself_on_one_line_whatever_it_knows() -> None:
    for kind in NOTICE_TYPES:
        hostile = dict.fromkeys(("provider", "reason", "service", "what", "part"), "a\r\nBcc: b@c.example\x00%(x)s")
        for params in ({}, hostile):
            for text in (kind.describe(params), kind.describe(params, sees_cost=True)):
                assert text
                assert text.isprintable()
                assert len(text.splitlines()) == 1
        assert kind.address({}) in ("",) or not kind.url_key
