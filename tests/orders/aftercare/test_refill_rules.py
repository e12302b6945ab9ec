"""Refills by rule: off by default, as the person who set the rule, while the window lasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from orders.aftercare.refill_rules import NoRule, request_next, set_rule
from orders.models import Order, Refill, RefillWindow
from orders.submission.services import send_due
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import calls_of, join
from tests.helpers.makers import grant, make_completed_order, make_person, make_provider, make_service
from tests.helpers.pages import log_in, messages_of, text_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def mira() -> User:
    return make_person("orders.view_order", "orders.aftercare_order")


def cared(mira: User, *, days: int | None = 30, every: int | None = 5, **fields: Any) -> Order:
    """Return an order completed a day ago with a window, and a rule of ``mira``."""
    order = make_completed_order(finished_at=timezone.now() - DAY, **fields)
    window = RefillWindow(order=order, days=days)
    window.count_from(order.finished_at)
    window.save()
    if every:
        set_rule(order, every, by=mira)
    return order


def run(at: datetime) -> dict[str, int]:
    return dict(request_next(at))


def finish() -> None:
    Refill.objects.update(status="completed", finished_at=timezone.now() - 3 * DAY, created_at=timezone.now() - 3 * DAY)


def test_nothing_is_requested_without_a_rule(mira: User) -> None:
    cared(mira, every=None)

    assert run(timezone.now() + 20 * DAY) == {}


def test_a_refill_is_queued_every_so_many_days(mira: User) -> None:
    order, now = cared(mira), timezone.now()
    assert run(now + 4 * DAY) == {}

    assert run(now + 5 * DAY)["requested"] == 1
    assert run(now + 5 * DAY) == {}

    refill = Refill.objects.get()
    assert (refill.order, refill.status, refill.created_by) == (order, "queued", mira)
    finish()
    assert run(now + 10 * DAY)["requested"] == 1


def test_one_that_still_runs_is_waited_for(mira: User) -> None:
    cared(mira)
    now = timezone.now()
    run(now + 5 * DAY)

    assert run(now + 10 * DAY)["waiting"] == 1

    window = RefillWindow.objects.get()
    assert "already queued" in window.rule_note
    assert window.request_at == now + 11 * DAY
    assert Refill.objects.count() == 1


def test_the_rule_ends_with_the_window(mira: User) -> None:
    cared(mira, days=7)

    assert run(timezone.now() + 8 * DAY) == {"stopped": 1}

    window = RefillWindow.objects.get()
    assert (window.every_days, window.request_at, window.rule_note) == (None, None, "The refill window ended.")
    assert not Refill.objects.exists()


def _leave(mira: User) -> None:
    mira.is_active = False
    mira.save()


@pytest.mark.parametrize("lose", [_leave, lambda mira: mira.user_permissions.clear()])
def test_one_who_left_or_lost_the_right_requests_nothing(mira: User, lose: Any) -> None:
    cared(mira)
    lose(mira)

    assert run(timezone.now() + 5 * DAY) == {"stopped": 1}

    assert "can no longer request refills" in RefillWindow.objects.get().rule_note
    assert not Refill.objects.exists()


def test_an_order_that_is_hidden_now_is_left_alone(mira: User) -> None:
    cared(mira)
    grant(mira, make_provider())

    assert run(timezone.now() + 5 * DAY) == {"waiting": 1}
    assert not Refill.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"service": {"refill": False}}, "no refill"),
        ({"status": "canceled"}, "Only completed or partial"),
        ({"days": 1}, "no open refill window"),
    ],
)
def test_no_rule_is_set_where_nothing_can_be_refilled(mira: User, fields: dict[str, Any], words: str) -> None:
    if "service" in fields:
        fields = {"service": make_service(**fields["service"])}
    order = cared(mira, every=None, **fields)

    with pytest.raises(NoRule, match=words):
        set_rule(order, 5, by=mira)


def test_statements_do_not_grow_with_the_rules(mira: User, django_assert_max_num_queries: Any) -> None:
    provider = make_provider()
    for _number in range(30):
        cared(mira, provider=provider)

    with django_assert_max_num_queries(25):
        assert run(timezone.now() + 5 * DAY)["requested"] == 30


def test_the_panel_is_asked_once_and_the_refill_followed(mira: User, box: Sandbox) -> None:
    panel = box.panel("smmplus")
    provider = join(box, "smmplus")
    cared(mira, provider=provider, external_id="999999999")
    run(timezone.now() + 5 * DAY)

    send_due(provider)
    send_due(provider)

    assert len(calls_of(panel, "refill")) == 1
    assert Refill.objects.get().status in {"pending", "refused"}


def test_the_page_sets_window_and_rule(mira: User) -> None:
    order = make_completed_order(finished_at=timezone.now() - DAY)
    browser, url = log_in(mira), f"/orders/{order.pk}/refill-care/"

    browser.post(url, {"window": "1", "days": "30"})
    page = text_of(browser.get(f"/orders/{order.pk}/"))
    browser.post(url, {"rule": "1", "every_days": "5"})
    after = text_of(browser.get(f"/orders/{order.pk}/"))

    assert "29 days left" in page
    assert "Every 5 days as" in after
    window = RefillWindow.objects.get()
    assert (window.days, window.every_days, window.rule_by) == (30, 5, mira)
    browser.post(url, {"rule": "1", "every_days": ""})
    browser.post(url, {"window": "1", "lifetime": "on"})
    window.refresh_from_db()
    assert (window.days, window.every_days) == (None, None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"window": "1"}, "Enter a number of days"),
        ({"window": "1", "days": "0"}, "greater than or equal to 1"),
        ({"rule": "1", "every_days": "5"}, "Set one first."),
    ],
)
def test_what_makes_no_sense_is_said(mira: User, typed: dict[str, str], words: str) -> None:
    order = make_completed_order(finished_at=timezone.now())

    answer = log_in(mira).post(f"/orders/{order.pk}/refill-care/", typed, follow=True)

    assert any(words in message for message in messages_of(answer))
    assert not RefillWindow.objects.exists()
