"""Channels on the hub's own pages: a form for each way makes the address that admin would take, and no other."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from apprise.plugins.telegram import NotifyTelegram
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings
from pytest_httpserver import HTTPServer

from orders.models import Channel, Delivery, NoticeChoice
from orders.notifications import delivery, tasks
from orders.notifications.channel_views import USUAL
from orders.notifications.services import watch
from orders.notifications.types import NOTICE_TYPES
from orders.roles import ROLES
from panelhub.models import AuditEvent
from tests.helpers.makers import make_person, make_provider
from tests.helpers.pages import HTMX, log_in, text_of

pytestmark = pytest.mark.django_db
TOKEN = "123456789:AAEexample-of-a-token_that-is-long-00"
LIST = "orders:channels"


@pytest.fixture
def person() -> Any:
    return make_person(*ROLES["administrator"], email="ada@example.com")


@pytest.fixture
def browser(person: Any) -> Client:
    return log_in(person)


@pytest.fixture
def tests_asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        "orders.notifications.channel_services.publish", lambda task, *args, **_: found.append((task, *args))
    )
    return found


def add(browser: Client, way: str, **fields: str) -> Any:
    return browser.post(reverse("orders:channel_add", args=[way]), {"name": way, "is_active": "on", **fields})


@pytest.mark.parametrize(
    ("way", "fields", "url"),
    [
        ("telegram", {"token": TOKEN, "chat": "-100123"}, f"tgram://{TOKEN}/-100123"),
        (
            "slack",
            {"webhook": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"},
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        ),
        ("discord", {"webhook": "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2-Zw"},
         "discord://4174216298/JHMHI8qBe7bk2-Zw"),
        (
            "email",
            {"host": "smtp.example.com", "port": "465", "user": "hub@example.com", "password": "p@ss/?&",
             "sender": "hub@example.com"},
            "mailtos://hub%40example.com:p%40ss%2F%3F%26@smtp.example.com:465?from=hub%40example.com&mode=ssl"
            "&to={email}",
        ),
        ("other", {"new_url": "ntfys://ntfy.example.com/topic"}, "ntfys://ntfy.example.com/topic"),
    ],
)  # fmt: skip
def test_each_form_makes_an_address_and_shows_nothing_of_it_again(
    browser: Client, way: str, fields: dict[str, str], url: str
) -> None:
    assert add(browser, way, **fields).status_code == 302

    channel = Channel.objects.get()
    assert channel.url == url
    assert channel.is_personal is ("{email}" in url)
    page = text_of(browser.get(reverse("orders:channel", args=[channel.pk])))
    for secret in (TOKEN, "TIiajkdnlazkcOXrIdevi7FQ", "JHMHI8qBe7bk2", "p@ss", "ntfy.example.com"):
        assert secret not in page
        assert secret not in str(list(AuditEvent.objects.values()))
    # What was not typed again stays.
    browser.post(reverse("orders:channel", args=[channel.pk]), {"name": "renamed", "is_active": "on", "port": "587"})
    kept = Channel.objects.get()
    assert (kept.name, kept.url) == ("renamed", url)


@pytest.mark.parametrize(
    ("way", "fields"),
    [
        ("telegram", {"token": f"{TOKEN}/../evil", "chat": "1?verify=no"}),
        ("telegram", {"token": f"{TOKEN}?verify=no", "chat": "12345"}),
        ("slack", {"webhook": "https://hooks.slack.com.evil.example/services/T1/A1/x"}),
        ("slack", {"webhook": "https://user@hooks.slack.com/services/T1/A1/x"}),
        ("discord", {"webhook": "https://discord.com/api/webhooks/1/x?wait=true/../../"}),
        ("discord", {"webhook": "http://discord.com/api/webhooks/1/abc"}),
        ("email", {"host": "127.0.0.1", "port": "587", "user": "a", "password": "b", "sender": "a@example.com"}),
        ("email", {"host": "smtp.example.com", "port": "22", "user": "a", "password": "b", "sender": "a@example.com"}),
        ("email", {"host": "h?smtp=evil.example", "port": "587", "user": "a", "password": "b",
                   "sender": "a@example.com"}),
        ("other", {"new_url": "file:///etc/passwd"}),
        ("other", {"new_url": "json://127.0.0.1:6379/"}),
    ],
)  # fmt: skip
def test_no_form_leads_elsewhere_than_admin_would(
    browser: Client, settings: Settings, way: str, fields: dict[str, str]
) -> None:
    settings.PANELHUB_ALLOW_PLAIN_CHANNELS = False

    answer = add(browser, way, **fields)

    if answer.status_code == 302:
        # Whatever was typed is one token of an address that leads where its way leads.
        assert Channel.objects.get().url.startswith(("tgram://", "discord://1/x"))
        assert "?" not in Channel.objects.get().url
    else:
        assert answer.status_code == 422
        assert not Channel.objects.exists()
        assert TOKEN not in text_of(answer)


def test_a_low_balance_reaches_a_telegram_chat_that_was_added_with_the_form(
    browser: Client, settings: Settings, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PANELHUB_ALLOW_PLAIN_CHANNELS = True
    monkeypatch.setattr(NotifyTelegram, "notify_url", httpserver.url_for("/bot"))
    httpserver.expect_request(f"/bot{TOKEN}/sendMessage").respond_with_json({"ok": True, "result": {}})
    assert add(browser, "telegram", token=TOKEN, chat="-100123", kind="low_balance").status_code == 302
    provider = make_provider(name="Instabest", low_balance=Decimal(50), balance=Decimal("12.5"), currency="USD")

    watch([kind for kind in NOTICE_TYPES if kind.slug == "low_balance"])
    assert delivery.send_due()["sent"] == 1

    ((request, _response),) = httpserver.log
    said = json.loads(request.get_data())
    assert said["chat_id"] == -100123 or said["chat_id"] == "-100123"
    assert f"The balance at {provider.name} is low" in said["text"]
    # Once, however often it is looked at.
    watch([kind for kind in NOTICE_TYPES if kind.slug == "low_balance"])
    assert delivery.send_due() == {}
    assert Delivery.objects.filter(channel__isnull=False, done_at__isnull=False).count() == 1


def test_a_test_is_sent_and_its_result_is_on_the_page(
    browser: Client,
    person: Any,
    settings: Settings,
    httpserver: HTTPServer,
    tests_asked: list[tuple[Any, ...]],
) -> None:
    settings.PANELHUB_ALLOW_PLAIN_CHANNELS = True
    httpserver.expect_ordered_request("/hook").respond_with_data("no", status=500)
    httpserver.expect_ordered_request("/hook").respond_with_data("ok")
    url = f"json://{httpserver.host}:{httpserver.port}/hook"
    page = add(browser, "other", new_url=url, test="1")["Location"]
    channel = Channel.objects.get()
    assert tests_asked == [("orders.notifications.tasks.try_channel", channel.pk, "ada@example.com")]
    assert "Sending a test" in text_of(browser.get(page, headers=HTMX))

    tasks.try_channel(channel.pk, "ada@example.com")
    shown = text_of(browser.get(page, headers=HTMX))
    assert "Failed" in shown
    assert "hx-get" not in shown
    page = browser.post(reverse("orders:channel_test", args=[channel.pk]))["Location"]
    assert "Sending a test" in text_of(browser.get(page, headers=HTMX))
    tasks.try_channel(channel.pk, "ada@example.com")
    assert "Test sent" in text_of(browser.get(page, headers=HTMX))


def test_notices_are_chosen_for_oneself_and_within_ones_rights(browser: Client, person: Any) -> None:
    page = text_of(browser.get(reverse("orders:channel_add", args=["telegram"])))
    assert page.count(" checked") == len(USUAL) + 1
    fields = {"name": "chat", "is_active": "on", "token": TOKEN, "chat": "12", "kind": ["low_balance", "nonsense"]}
    browser.post(reverse("orders:channel_add", args=["telegram"]), fields)

    assert list(NoticeChoice.objects.values_list("person", "kind")) == [(person.pk, "low_balance")]
    only = log_in(make_person("orders.add_channel", "orders.view_channel"))
    only.post(reverse("orders:channel_add", args=["telegram"]), fields | {"name": "other"})
    assert NoticeChoice.objects.count() == 1


def test_changes_and_removals_are_on_record_without_the_address(browser: Client) -> None:
    add(browser, "telegram", token=TOKEN, chat="12")
    channel = Channel.objects.get()
    browser.post(reverse("orders:channel", args=[channel.pk]), {"name": "x", "is_active": "on", "token": "9:new"})
    assert Channel.objects.get().url.endswith("/12"), "half an address is none"
    browser.post(reverse("orders:channel_remove", args=[channel.pk]))

    assert not Channel.objects.exists()
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["channel.added", "channel.removed"]
    for since in ("9" * 30, "x", "-1", "9" * 13):
        assert browser.get(reverse(LIST), {"testing": "1", "since": since}).status_code == 200
