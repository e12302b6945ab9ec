"""What leaves the hub: once, together, again when a channel failed, and never with an address in it."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from pytest_httpserver import HTTPServer

from orders.models import Channel, Delivery, NoticeChoice, Order
from orders.notifications import channels as notifications_channels
from orders.notifications import delivery
from orders.notifications import services as alarm
from orders.notifications import services as notifications_services
from orders.notifications.channels import Message, NotSent
from panelhub.background.scheduler import SCHEDULE_BEAT
from panelhub.models import Heartbeat
from panelhub.monitoring import alarm as hub_alarm
from providers.models import Provider
from tests.helpers.makers import make_person, make_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(httpserver: HTTPServer) -> Channel:
    """Return a chat that takes everything."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    return Channel.objects.create(name="chat", url=f"json://{httpserver.host}:{httpserver.port}/hook")


def choose(channel: Channel, *, people: int = 1, **fields: Any) -> None:
    for _ in range(people):
        person = make_person("orders.view_cost", **fields)
        NoticeChoice.objects.create(person=person, kind="low_balance", channel=channel)


def said(httpserver: HTTPServer) -> list[dict[str, Any]]:
    return [json.loads(request.get_data()) for request, _response in httpserver.log]


def make_poor(count: int = 1) -> None:
    for _ in range(count):
        make_provider(balance=Decimal(1), low_balance=Decimal(5))


def test_what_came_together_is_one_message_and_is_sent_once(chat: Channel, httpserver: HTTPServer) -> None:
    choose(chat, people=2)
    make_poor(delivery.MOST_LINES + 3)

    notifications_services.watch()
    assert delivery.send_due()["sent"] == delivery.MOST_LINES + 3
    notifications_services.watch()
    assert not delivery.send_due()

    (message,) = said(httpserver)
    assert message["title"] == f"PanelHub: Low balance (+{delivery.MOST_LINES + 2})"
    assert message["message"].count("is low: 1.00 USD.") == delivery.MOST_LINES
    assert message["message"].endswith("and 3 more")


@override_settings(PANELHUB_ORIGIN="https://hub.example")
def test_a_message_leads_to_the_page_that_helps(chat: Channel, httpserver: HTTPServer) -> None:
    choose(chat)
    make_poor()
    notifications_services.watch()
    delivery.send_due()

    assert f"https://hub.example/providers/{Provider.objects.get().pk}/" in said(httpserver)[0]["message"]


def test_a_channel_that_failed_is_tried_again_later_and_given_up_in_the_end(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("no", status=500)
    channel = Channel.objects.create(
        name="chat", url=f"json://u:hunter2secret@{httpserver.host}:{httpserver.port}/hook"
    )
    choose(channel)
    make_poor()
    notifications_services.watch()

    for tries, wait in enumerate(delivery.WAITS, start=1):
        assert delivery.send_due()["failed"] == 1
        assert not delivery.send_due()
        row = Delivery.objects.get(channel=channel)
        assert row.tries == tries
        assert row.due_at - timezone.now() > wait - timedelta(seconds=30)
        Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now())
    delivery.send_due()

    row = Delivery.objects.get(channel=channel)
    assert row.done_at is not None
    channel.refresh_from_db()
    assert row.failure == channel.last_failure == "The mail server or chat rejected it."
    assert len(httpserver.log) == len(delivery.WAITS) + 1


def test_what_was_over_before_anybody_could_be_notified_is_not_sent(chat: Channel, httpserver: HTTPServer) -> None:
    choose(chat)
    make_poor()
    notifications_services.watch()
    Provider.objects.update(balance=Decimal(9))
    notifications_services.watch()

    delivery.send_due()

    assert said(httpserver) == []
    assert not Delivery.objects.filter(done_at=None).exists()


def test_what_a_dead_worker_held_is_sent_by_another(chat: Channel, httpserver: HTTPServer) -> None:
    choose(chat)
    make_poor()
    notifications_services.watch()
    assert len(delivery._claim()) == 1
    assert not delivery.send_due()

    Delivery.objects.filter(channel=chat).update(due_at=timezone.now())

    assert delivery.send_due()["sent"] == 1
    assert len(said(httpserver)) == 1


def test_mail_goes_to_each_persons_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel.objects.create(
        name="mail", url="mailtos://h:p@smtp.example.com?from=hub@example.com&to={email}", is_personal=True
    )
    choose(channel, email="a&b@example.com")
    choose(channel, email="c@example.com")
    choose(channel)
    make_poor()
    notifications_services.watch()
    targets: list[str] = []

    def notify(self: Any, **message: Any) -> bool:
        targets.extend(address for _name, address in self.targets)
        return True

    monkeypatch.setattr("apprise.plugins.email.base.NotifyEmail.notify", notify)

    figures = delivery.send_due()

    assert sorted(targets) == ["a&b@example.com", "c@example.com"]
    assert figures == {"sent": 2, "failed": 1}


def test_what_an_order_costs_is_shown_to_those_alone_who_may_see_it(chat: Channel) -> None:
    mail = Channel.objects.create(
        name="mail", url="mailtos://h:p@smtp.example.com?from=hub@example.com&to={email}", is_personal=True
    )
    readers = {
        "without": make_person("orders.approve_order", email="a@example.com"),
        "with": make_person("orders.approve_order", "orders.view_cost", email="b@example.com"),
    }
    for person in readers.values():
        for channel in (mail, chat):
            NoticeChoice.objects.create(person=person, kind="held", channel=channel)
    Order.objects.create(provider=make_provider(), status="held", held_for="second_person", expected_charge=Decimal(7))
    notifications_services.watch()

    def text_for(**reader: Any) -> str:
        return delivery.compose(list(Delivery.objects.filter(**reader))).body

    assert "7.00 USD" in text_for(channel=mail, person=readers["with"])
    for reader in ({"channel": mail, "person": readers["without"]}, {"channel": chat}):
        assert "needs approval by another person" in text_for(**reader)
        assert "7.00" not in text_for(**reader)


@override_settings(PANELHUB_ALLOW_PLAIN_CHANNELS=False)
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "This URL isn’t supported. Supported"),
        ("https://", "This URL isn’t supported. Supported"),
        ("nothing://x", "This URL isn’t supported. Supported"),
        ("json://127.0.0.1/x", "encrypted"),
        ("mailto://u:p@smtp.example.com?to=a@example.com", "encrypted"),
        ("syslog://", "This URL isn’t supported. Supported"),
        ("dbus://", ""),
        ("jsons://hooks.example.com/{email}", "only works in mail server URLs"),
        ("jsons://" + "x" * 1000, "longer than"),
        ("jsons://hooks.example.com/x", None),
        ("mailtos://u:p@smtp.example.com?from=h@example.com&to={email}", None),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", None),
    ],
)
def test_only_ways_that_are_encrypted_are_taken(url: str, words: str | None) -> None:
    fault = notifications_channels.find_fault(url)

    if words is None:
        assert fault == ""
        return
    assert fault
    assert words in fault
    with pytest.raises(NotSent):
        notifications_channels.send(url, Message("t", "b"))


def test_the_address_with_its_password_is_in_no_log_and_lies_encrypted(
    chat: Channel, caplog: pytest.LogCaptureFixture, httpserver: HTTPServer
) -> None:
    caplog.set_level(logging.DEBUG)
    port = httpserver.port
    for url in (
        f"json://u:hunter2secret@127.0.0.1:{port}/nowhere",
        "mailtos://u:hunter2secret@",
        "json://hunter2secret:",
    ):
        channel = Channel(name=f"channel {len(url)}", url=url)
        channel.save()
        assert delivery.try_channel(channel, email="")
        notifications_channels.find_fault(url)

    assert "hunter2secret" not in caplog.text
    raw = Channel.objects.values_list("url", flat=True)
    assert not [value for value in raw if "hunter2secret" in str(value)]


def test_a_dead_schedule_is_reported_by_whoever_notices(chat: Channel, httpserver: HTTPServer) -> None:
    person = make_person("providers.run_jobs")
    NoticeChoice.objects.create(person=person, kind="not_alive", channel=chat)
    Heartbeat.beat(SCHEDULE_BEAT)
    Heartbeat.objects.update(at=timezone.now() - timedelta(hours=1))

    alarm.notify_of_dead_parts()
    alarm.notify_of_dead_parts()

    (message,) = said(httpserver)
    assert "hub stopped: the schedule" in message["message"]


@pytest.mark.django_db(transaction=True)
@override_settings(PANELHUB_ALARM=True)
def test_a_page_that_sees_a_dead_part_sounds_the_alarm_once_a_minute() -> None:
    person = make_person("providers.run_jobs")
    Heartbeat.beat(SCHEDULE_BEAT)
    Heartbeat.objects.update(at=timezone.now() - timedelta(hours=1))
    hub_alarm.forget()

    assert hub_alarm.look({"worker": True, "schedule": True}) is None
    thread = hub_alarm.look({"worker": True, "schedule": False})
    assert thread is not None
    thread.join(20)
    assert hub_alarm.look({"worker": True, "schedule": False}) is None
    hub_alarm.forget()

    assert Delivery.objects.filter(person=person, notice__kind="not_alive").count() == 1
