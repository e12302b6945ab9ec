"""How long the refill of an order lasts: counted from its completion, by the service's term or by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.aftercare.refill_windows import days_left, refresh_windows, set_window
from orders.models import Order, OrderEvent, RefillMark, RefillWindow
from orders.notifications.services import watch
from orders.notifications.types import BY_SLUG
from tests.helpers.makers import make_completed_order, make_person, make_service
from tests.helpers.pages import keys_on, log_in, text_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def completed(days: int | None = 30, *, ago: timedelta = DAY, **fields: Any) -> Order:
    """Return an order that was completed some time ago, with the line of its timeline."""
    service = fields.pop("service", None) or make_service(refill=True, cancel=True, refill_days=days)
    order = make_completed_order(service=service, finished_at=timezone.now() - ago, **fields)
    OrderEvent.objects.create(order=order, kind="state", before="in_progress", after=order.status)
    return order


def test_the_window_is_counted_from_the_completion() -> None:
    order = completed(30)

    assert refresh_windows() == {"windows": 1}

    window = RefillWindow.objects.get()
    assert (window.order, window.days) == (order, 30)
    assert order.finished_at is not None
    assert window.ends_at == order.finished_at + 30 * DAY
    assert refresh_windows() == {}


def test_a_lifetime_never_ends() -> None:
    completed(36_500)

    refresh_windows()

    window = RefillWindow.objects.get()
    assert (window.is_lifetime, window.ends_at, window.is_open(timezone.now() + 9_999 * DAY)) == (True, None, True)


@pytest.mark.parametrize(
    ("days", "fields"),
    [(None, {}), (0, {}), (30, {"ago": 31 * DAY}), (30, {"status": "in_progress"}), (30, {"status": "canceled"})],
)
def test_no_window_is_made_where_none_runs(days: int | None, fields: dict[str, Any]) -> None:
    completed(days, **fields)

    refresh_windows()

    assert not RefillWindow.objects.exists()


def test_an_order_that_completes_again_is_counted_again() -> None:
    order = completed(30, ago=10 * DAY)
    refresh_windows()
    again = timezone.now() - DAY
    Order.objects.update(finished_at=again)
    OrderEvent.objects.create(order=order, kind="reopened", before="in_progress", after="completed")

    refresh_windows()

    assert RefillWindow.objects.get().ends_at == again + 30 * DAY


def test_what_was_set_by_hand_keeps_its_days() -> None:
    order, person = completed(30), make_person()
    refresh_windows()

    set_window(order, 90, by=person)
    OrderEvent.objects.create(order=order, kind="state", after="completed")
    refresh_windows()

    window = RefillWindow.objects.get()
    assert (window.days, window.set_by) == (90, person)
    assert order.finished_at is not None
    assert window.ends_at == order.finished_at + 90 * DAY


def test_a_window_set_before_the_completion_begins_with_it() -> None:
    order = completed(None, status="in_progress")
    assert set_window(order, 7, by=make_person()).ends_at is None
    Order.objects.update(status="completed", finished_at=timezone.now())
    OrderEvent.objects.create(order=order, kind="state", after="completed")

    refresh_windows()

    ends_at = RefillWindow.objects.get().ends_at
    assert ends_at is not None
    assert days_left(ends_at, timezone.now()) == 7


def test_the_statements_are_as_many_for_a_thousand(django_assert_max_num_queries: Any) -> None:
    order = completed(30)
    RefillMark.objects.create(pk=1)
    Order.objects.bulk_create(
        Order(
            provider=order.provider,
            service=order.service,
            status="completed",
            external_id=f"x{number}",
            finished_at=order.finished_at,
        )
        for number in range(999)
    )
    OrderEvent.objects.bulk_create(
        OrderEvent(order_id=pk, kind="state", after="completed") for pk in Order.objects.values_list("pk", flat=True)
    )

    # SQLite takes rows a hundred or so at a time.
    with django_assert_max_num_queries(20):
        assert refresh_windows() == {"windows": 1_000}


def test_the_list_shows_days_left_and_the_tab_those_that_end() -> None:
    soon, late = completed(3), completed(60)
    ended, canceled = completed(3), completed(3)
    refresh_windows()
    RefillWindow.objects.filter(order=ended).update(ends_at=timezone.now() - DAY)
    Order.objects.filter(pk=canceled.pk).update(status="refunded")
    browser = log_in(make_person("orders.view_order"))

    page = browser.get("/orders/")
    ending = browser.get("/orders/", {"tab": "refill_ending"})

    assert "Refill: 2 days left" in text_of(page)
    assert "Refill: 59 days left" in text_of(page)
    assert keys_on(ending) == [soon.pk]
    assert late.pk in keys_on(page)


def test_a_notice_counts_those_that_end_within_two_days() -> None:
    order = completed(2)
    refresh_windows()
    kind = BY_SLUG["refill_ending"]

    (finding,) = kind.find(timezone.now())

    assert kind.describe(finding.params) == f"The refill of orders at {order.provider} ends within two days: 1."
    assert kind.address(finding.params) == "/orders/?tab=refill_ending"
    assert watch([kind])["raised"] == 1
    assert watch([kind])["raised"] == 0
