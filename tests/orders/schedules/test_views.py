"""The pages of schedules: from the order form, the list, the calendar, one schedule, and who may do what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import Order, Schedule
from providers.models import Service
from tests.helpers.makers import grant, make_person, make_provider, make_service
from tests.helpers.pages import HTMX, log_in, messages_of, text_of
from tests.helpers.schedules import BUYER, beat, make_schedule

pytestmark = pytest.mark.django_db

FIRST = datetime(2027, 3, 1, 8, tzinfo=UTC)
CREATE = "/orders/schedules/new/"
WHEN = {
    "repeat": "daily",
    "time_zone": "Europe/Berlin",
    "start_date": "2027-03-01",
    "start_time": "09:00",
    "grace_hours": "6",
}


@pytest.fixture
def mira() -> User:
    return make_person(*BUYER)


@pytest.fixture
def browser(mira: User) -> Client:
    return log_in(mira)


@pytest.fixture
def service() -> Service:
    return make_service(name="Followers")


def typed(service: Service, **fields: str) -> dict[str, str]:
    return {"service": str(service.pk), "link": "https://a.example/p/1", "quantity": "500", **fields}


def test_the_order_form_leads_to_a_schedule(browser: Client, service: Service) -> None:
    form = text_of(browser.get(reverse("orders:create"), {"service": service.pk}))
    assert f'formaction="{CREATE}"' in form

    page = text_of(browser.post(CREATE, typed(service)))

    assert "Followers" in page
    assert "09:00" in page
    assert not Schedule.objects.exists()


def test_a_schedule_is_set_up_once(browser: Client, mira: User, service: Service) -> None:
    token = "0195b1f0-0000-7000-8000-000000000000"
    for _click in range(2):
        answer = browser.post(CREATE, typed(service, **WHEN, step="create", form_token=token), follow=True)

    schedule = Schedule.objects.get()
    assert (schedule.person, schedule.next_at, schedule.quantity) == (mira, FIRST, 500)
    assert answer.redirect_chain[-1][0] == reverse("orders:schedule_detail", args=[schedule.pk])
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start_date": "2020-01-01"}, "This time has passed."),
        ({"start_date": "soon"}, "Enter a valid date."),
        ({"time_zone": "Europe/Nowhere"}, "Select a valid choice."),
        ({"repeat": "spread"}, "This field is required."),
        ({"until": "2027-02-01"}, "The last day is before the first."),
        ({"grace_hours": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_time_is_said_at_its_field(
    browser: Client, service: Service, fields: dict[str, str], words: str
) -> None:
    answer = browser.post(CREATE, typed(service, **{**WHEN, **fields}, step="create"))

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Schedule.objects.exists()


def test_what_cannot_be_ordered_goes_back_to_the_order_form(browser: Client, service: Service) -> None:
    answer = browser.post(CREATE, typed(service, quantity="1"))

    assert answer.status_code == 422
    assert "minimum" in text_of(answer)


def test_the_next_times_follow_what_is_typed(browser: Client, service: Service) -> None:
    fields = {**WHEN, "start_date": "2027-03-27", "start_time": "02:30"}

    page = text_of(browser.post(CREATE, typed(service, **fields), headers=HTMX))

    assert "Sat 27 March 2027, 02:30" in page or "Sat 27 Mar 2027, 02:30" in page
    assert "the clocks change: 03:30" in page
    assert "<html" not in page


def test_spread_names_its_total(browser: Client, service: Service) -> None:
    page = text_of(browser.post(CREATE, typed(service, **{**WHEN, "repeat": "spread", "days": "10"}), headers=HTMX))

    assert "5,000 in all" in page


def test_the_page_of_a_schedule_shows_its_times_and_orders(browser: Client, mira: User) -> None:
    schedule = make_schedule(person=mira)
    beat(FIRST + timedelta(days=1))
    order = Order.objects.get()

    page = text_of(browser.get(reverse("orders:schedule_detail", args=[schedule.pk])))

    assert "Missed" in page
    assert reverse("orders:detail", args=[order.pk]) in page
    assert "3 Mar 2027" in page


@pytest.mark.parametrize(
    ("step", "status", "after"),
    [("pause", "active", "paused"), ("resume", "paused", "active"), ("end", "active", "ended")],
)
def test_each_step_is_one_button(browser: Client, mira: User, step: str, status: str, after: str) -> None:
    schedule = make_schedule(person=mira, status=status)

    browser.post(reverse(f"orders:schedule_{step}", args=[schedule.pk]))

    schedule.refresh_from_db()
    assert schedule.status == after
    again = browser.post(reverse(f"orders:schedule_{step}", args=[schedule.pk]), follow=True)
    assert messages_of(again)[-1] == "This schedule has changed. Reload the page."


def test_a_step_of_someone_elses_needs_the_right_to_change_them() -> None:
    schedule = make_schedule()
    url = reverse("orders:schedule_pause", args=[schedule.pk])

    assert log_in(make_person(*BUYER)).post(url).status_code == 403
    assert log_in(make_person(*BUYER, "orders.change_schedule")).post(url).status_code == 302
    schedule.refresh_from_db()
    assert schedule.status == "paused"


def test_hidden_ones_are_missing_and_in_no_list(service: Service) -> None:
    schedule = make_schedule(service=service)
    beat(FIRST)
    stranger = make_person(*BUYER, sees_all=False)
    grant(stranger, make_provider())
    browser = log_in(stranger)

    assert browser.get(reverse("orders:schedule_detail", args=[schedule.pk])).status_code == 404
    assert browser.post(CREATE, typed(service)).status_code == 302
    for url in (reverse("orders:schedules"), reverse("orders:schedule_calendar") + "?month=2027-03"):
        assert "Followers" not in text_of(browser.get(url))


def test_the_calendar_shows_what_passed_and_what_comes(browser: Client, mira: User, service: Service) -> None:
    make_schedule(person=mira, service=service, repeat="spread", count=3)
    beat(FIRST)
    beat(FIRST + timedelta(days=3))

    page = text_of(browser.get(reverse("orders:schedule_calendar"), {"month": "2027-03"}))

    assert page.count("entry made") == 2 + 1
    assert page.count("entry missed") == 2 + 1
    # One order is left, on 5 March; the others are the key below.
    assert page.count("entry planned") == 1 + 1


@pytest.mark.parametrize("month", ["", "x", "2027-13", "0001-01", "9999-12"])
def test_an_address_that_names_no_month_shows_this_one(browser: Client, month: str) -> None:
    page = browser.get(reverse("orders:schedule_calendar"), {"month": month})

    assert page.context["month"].weeks
    assert page.status_code == 200


@pytest.mark.parametrize("url", ["orders:schedules", "orders:schedule_calendar"])
def test_pages_take_as_many_statements_for_many(browser: Client, mira: User, service: Service, url: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse(url), {"month": "2027-03"}).status_code == 200
        return len(captured)

    make_schedule(person=mira, service=service, repeat="spread", count=3)
    beat(FIRST)
    count()
    few = count()
    for number in range(20):
        make_schedule(person=make_person(*BUYER), service=service, repeat="spread", count=3 + number)
    beat(FIRST + timedelta(days=1))

    assert count() == few


def test_the_list_is_narrowed_by_status(browser: Client, mira: User) -> None:
    held = make_schedule(person=mira, status="held", reason="x")
    active = make_schedule(person=mira, start_date=date(2027, 4, 1))

    page = text_of(browser.get(reverse("orders:schedules"), {"status": "held"}))

    assert reverse("orders:schedule_detail", args=[held.pk]) in page
    assert reverse("orders:schedule_detail", args=[active.pk]) not in page


def test_no_cost_is_shown_without_the_right(browser: Client, service: Service) -> None:
    assert "Expected charge" not in text_of(browser.post(CREATE, typed(service)))
    seer: Any = log_in(make_person(*BUYER, "orders.view_cost"))
    assert "Expected charge of each order" in text_of(seer.post(CREATE, typed(service)))
