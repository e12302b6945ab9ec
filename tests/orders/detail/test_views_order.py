"""The page of one order."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from orders.models import Attempt, Cancellation, Order, OrderEvent, PollRound, Refill
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import (
    grant,
    make_order,
    make_person,
    make_service,
)
from tests.helpers.pages import HTMX, log_in

pytestmark = pytest.mark.django_db


def page_of(client: Any, order: Order, **options: Any) -> str:
    response = client.get(reverse("orders:detail", args=[order.pk]), **options)
    assert response.status_code == 200
    return str(response.content.decode())


def test_it_shows_what_happened_in_the_providers_own_words(as_staff: Any, staff: Any) -> None:
    order = make_order(external_id="23501", start_count=10, remains=400, charge=Decimal("0.9"), created_by=staff)
    OrderEvent.objects.create(order=order, kind="created", actor=staff, after="queued")
    OrderEvent.objects.create(
        order=order, kind="state", before="pending", after="in_progress", words="Wird <geliefert>"
    )
    Attempt.objects.create(
        order=order, provider=order.provider, action="add", outcome="accepted", http_status=200, seconds=0.3
    )

    page = page_of(as_staff, order)

    assert "Wird &lt;geliefert&gt;" in page
    assert staff.username in page
    assert "23501" in page
    assert "HTTP 200" in page
    assert 'value="60"' in page


def test_an_open_order_says_when_it_was_polled(as_staff: Any) -> None:
    order = make_order(external_id="7", tier=Order.Tier.NEW, placed_at=timezone.now() - timedelta(hours=1))
    assert "checked" not in page_of(as_staff, order)
    walked = timezone.now() - timedelta(seconds=40)
    PollRound.objects.create(provider=order.provider, kind="order", tier=Order.Tier.NEW, round_before=walked)

    assert re.search(r"checked <time [^>]*>4\d s ago", page_of(as_staff, order))


def test_parameters_are_shown_under_their_labels(as_staff: Any) -> None:
    service = make_service(type="web_traffic")
    order = make_order(service, parameters={"device": "2", "country": "TR", "google_keyword": "hub", "odd": "kept"})

    page = page_of(as_staff, order)

    assert "Mobile (Android)" in page
    assert "Country" in page
    assert "kept" in page


def test_an_unconfirmed_order_shows_its_evidence_to_who_settles(as_staff: Any, as_manager: Any) -> None:
    order = make_order(status="unconfirmed", error="reset by peer")
    Attempt.objects.create(
        order=order,
        provider=order.provider,
        action="add",
        outcome="unknown",
        detail="reset by peer",
        excerpt="<html>502",
    )

    assert "reset by peer" in page_of(as_staff, order)
    assert "&lt;html&gt;502" not in page_of(as_staff, order)
    assert "&lt;html&gt;502" in page_of(as_manager, order)


def test_refills_and_cancels_are_listed_with_their_states(as_staff: Any) -> None:
    order = make_order(status="completed", external_id="1")
    Refill.objects.create(order=order, status="pending")
    Refill.objects.create(order=order, status="completed", external_id="881")
    Cancellation.objects.create(order=order, status="refused", error="Order already completed")

    page = page_of(as_staff, order)

    assert "not trackable" in page
    assert "881" in page
    assert "Order already completed" in page


def test_an_adopted_order_without_anything_has_a_page(as_staff: Any) -> None:
    order = Order.objects.create(provider=make_service().provider, external_id="7", status="pending", adopted=True)

    assert "Adopted order, service unknown" in page_of(as_staff, order)


def test_a_link_that_is_no_address_is_no_link(as_staff: Any) -> None:
    order = make_order(link="javascript:alert(1)")

    page = page_of(as_staff, order)
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page
    assert 'href="https://a.example/p/2' in page_of(as_staff, make_order(link="https://a.example/p/2"))


def test_it_needs_the_permission_and_the_provider(staff: Any, as_staff: Any, client: Any) -> None:
    order, other = make_order(), make_order()
    grant(staff, order.provider)

    assert as_staff.get(reverse("orders:detail", args=[other.pk])).status_code == 404
    assert as_staff.get(reverse("orders:detail", args=[10**12])).status_code == 404
    assert client.get(reverse("orders:detail", args=[order.pk])).status_code == 302
    assert log_in(make_person()).get(reverse("orders:detail", args=[order.pk])).status_code == 403


def test_costs_are_hidden_from_who_may_not_see_them(viewer: Any, as_manager: Any) -> None:
    order = make_order(charge=Decimal("7.123"), rate=Decimal("3.321"))
    OrderEvent.objects.create(order=order, kind="charge", words="7.123")

    assert "7.123" in page_of(as_manager, order)
    page = page_of(log_in(viewer), order)

    assert "7.123" not in page
    assert "3.321" not in page


class TestLive:
    def test_an_unchanged_order_is_no_content(self, as_staff: Any) -> None:
        order = make_order()
        mark = re.search(r'data-live="([^"]+)"', page_of(as_staff, order))
        assert mark

        response = as_staff.get(reverse("orders:detail", args=[order.pk]), {"rows": mark[1]}, headers=HTMX)

        assert response.status_code == 204

    def test_a_final_state_comes_once_and_stops_the_asking(self, as_staff: Any) -> None:
        order = make_order()
        mark = re.search(r'data-live="([^"]+)"', page_of(as_staff, order))
        assert mark
        Order.objects.filter(pk=order.pk).update(status="completed", external_id="99887")

        response = as_staff.get(reverse("orders:detail", args=[order.pk]), {"rows": mark[1]}, headers=HTMX)

        text = response.content.decode()
        assert "Completed" in text
        assert "data-live" not in text
        assert "99887" in text
        assert "<html" not in text


class TestWithdrawing:
    def test_a_queued_order_is_withdrawn(self, as_staff: Any) -> None:
        order = make_order(status="queued")
        assert "Withdraw" in page_of(as_staff, order)

        response = as_staff.post(reverse("orders:withdraw", args=[order.pk]))

        assert response.status_code == 302
        order.refresh_from_db()
        assert order.status == "withdrawn"
        assert AuditEvent.objects.filter(action="order.withdrawn", target_id=str(order.pk)).exists()

    def test_an_order_on_its_way_is_not(self, as_staff: Any) -> None:
        order = make_order(status="pending")
        assert "Withdraw" not in page_of(as_staff, order)

        response = as_staff.post(reverse("orders:withdraw", args=[order.pk]), follow=True)

        order.refresh_from_db()
        assert order.status == "pending"
        assert "can’t be withdrawn. It has already been sent" in response.content.decode()

    def test_what_a_late_reply_accepted_is_not_said_to_be_unsent(self, as_staff: Any) -> None:
        order = make_order(status="held", held_for="late_answer")

        page = as_staff.post(reverse("orders:withdraw", args=[order.pk]), follow=True).content.decode()

        assert "Its first attempt was accepted by the provider." in page
        assert "withdrawn. Nothing was sent" not in page

    def test_who_may_not_is_not_offered_it(self, viewer: Any) -> None:
        order = make_order(status="queued")
        client = log_in(viewer)

        assert "Withdraw" not in page_of(client, order)
        assert client.post(reverse("orders:withdraw", args=[order.pk])).status_code == 403
        assert client.get(reverse("orders:withdraw", args=[order.pk])).status_code == 405


class TestThePauseBeforeItLeaves:
    def test_it_is_counted_down_beside_a_way_back(self, as_staff: Any) -> None:
        order = make_order(status="queued", not_before=timezone.now() + timedelta(seconds=30))

        page = page_of(as_staff, order)

        assert re.search(r'data-countdown="(29|30)"', page)
        assert re.search(r'Sending in <b data-left="0 s">(29|30) s</b>', page)
        assert "Undo" in page

    def test_the_page_is_redrawn_when_it_is_over(self, as_staff: Any) -> None:
        order = make_order(status="queued", not_before=timezone.now() + timedelta(seconds=30))
        mark = re.search(r'data-live="([^"]+)"', page_of(as_staff, order))
        assert mark
        Order.objects.filter(pk=order.pk).update(not_before=timezone.now() - timedelta(seconds=1))

        text = page_of(as_staff, order, data={"rows": mark[1]}, headers=HTMX)

        assert "Undo" not in text
        assert "Withdraw" in text

    def test_who_may_not_take_it_back_is_not_offered_it(self, viewer: Any) -> None:
        order = make_order(status="queued", not_before=timezone.now() + timedelta(seconds=30))

        page = page_of(log_in(viewer), order)

        assert "Undo it now at no cost" in page
        assert reverse("orders:withdraw", args=[order.pk]) not in page


class TestNotes:
    def test_they_are_kept_with_their_author(self, as_staff: Any, as_manager: Any, manager: Any) -> None:
        order = make_order(note="For the spring campaign")

        as_manager.post(reverse("orders:note", args=[order.pk]), {"text": " Client called:\r\nwants <b>more</b> \x00"})

        page = page_of(as_staff, order)
        assert "For the spring campaign" in page
        assert "Client called:<br>wants &lt;b&gt;more&lt;/b&gt;" in page
        event = OrderEvent.objects.get(kind="note")
        assert (event.actor, event.words) == (manager, "Client called:\nwants <b>more</b>")

    @pytest.mark.parametrize(("text", "sentence"), [(" \n ", "Enter a note"), ("x" * 1_001, "at most 1000")])
    def test_what_is_no_note_is_reported(self, as_staff: Any, text: str, sentence: str) -> None:
        order = make_order()

        response = as_staff.post(reverse("orders:note", args=[order.pk]), {"text": text}, follow=True)

        assert sentence in response.content.decode()
        assert not OrderEvent.objects.exists()

    def test_they_are_written_by_who_may_change_orders_they_see(self, staff: Any, as_staff: Any, viewer: Any) -> None:
        mine, other = make_order(), make_order()
        grant(staff, mine.provider)

        assert as_staff.post(reverse("orders:note", args=[other.pk]), {"text": "x"}).status_code == 404
        assert log_in(viewer).post(reverse("orders:note", args=[mine.pk]), {"text": "x"}).status_code == 403
        assert "Add note" not in page_of(log_in(viewer), mine)


class TestCheckingNow:
    def test_a_worker_is_notified_for_an_order_with_an_id(self, as_staff: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        notified: list[Any] = []
        monkeypatch.setattr("orders.detail.actions.notify_worker", lambda *args, **options: notified.append(args))
        order, unsent = make_order(external_id="7"), make_order(status="queued")

        as_staff.post(reverse("orders:check", args=[order.pk]))
        as_staff.post(reverse("orders:check", args=[unsent.pk]))

        assert notified == [("orders.polling.tasks.check_order", order.pk)]
        assert "Check now" in page_of(as_staff, order)
        assert "Check now" not in page_of(as_staff, unsent)

    def test_who_may_not_is_not_offered_it(self, viewer: Any) -> None:
        order = make_order(external_id="7")

        assert "Check now" not in page_of(log_in(viewer), order)
        assert log_in(viewer).post(reverse("orders:check", args=[order.pk])).status_code == 403


class TestApproving:
    def test_a_second_person_lets_a_held_order_out(self, as_manager: Any, manager: Any) -> None:
        order = make_order(status="held", held_for="second_person", created_by=make_person())
        assert "Approve" in page_of(as_manager, order)

        as_manager.post(reverse("orders:approve", args=[order.pk]))

        order.refresh_from_db()
        assert (order.status, order.approved_by) == ("queued", manager)

    def test_not_the_person_who_made_it(self, as_manager: Any, manager: Any) -> None:
        order = make_order(status="held", held_for="second_person", created_by=manager)
        page = page_of(as_manager, order)
        assert "You placed this order. Another person has to approve it" in page
        assert "Approve" not in page

        response = as_manager.post(reverse("orders:approve", args=[order.pk]), follow=True)

        order.refresh_from_db()
        assert order.status == "held"
        assert "You placed this order. Another person has to approve it" in response.content.decode()

    def test_no_one_agrees_to_a_price_that_moved_after_the_look(self, as_manager: Any) -> None:
        service = make_service(rate=Decimal("3.2"))
        order = make_order(service, status="held", held_for="price_jump", rate=Decimal(2))
        page = page_of(as_manager, order)
        assert "Current rate: 3.20" in page
        seen = re.search(r'name="seen_rate" value="([^"]+)"', page)
        assert seen
        Service.objects.update(rate=Decimal(320))

        response = as_manager.post(
            reverse("orders:approve", args=[order.pk]), {"seen_rate": seen[1]}, follow=True
        ).content.decode()

        order.refresh_from_db()
        assert (order.status, order.rate) == ("held", Decimal(2))
        assert "changed. Review it again" in response
        assert "Current rate: 320.00" in response
        as_manager.post(reverse("orders:approve", args=[order.pk]), {"seen_rate": "320"})
        order.refresh_from_db()
        assert (order.status, order.rate) == ("queued", Decimal(320))

    def test_nor_to_one_that_was_never_shown(self, as_manager: Any) -> None:
        service = make_service(rate=Decimal("3.2"))
        order = make_order(service, status="held", held_for="price_jump", rate=Decimal(2))

        as_manager.post(reverse("orders:approve", args=[order.pk]))

        assert Order.objects.get(pk=order.pk).status == "held"

    def test_the_form_shows_no_price_to_whoever_may_not_see_it(self, as_manager: Any, manager: Any) -> None:
        order = make_order(make_service(rate=Decimal("3.21")), status="held", held_for="price_jump", rate=Decimal(2))
        manager.groups.clear()
        manager.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "approve_order"]))

        page = page_of(as_manager, order)

        assert "Approve" in page
        assert "3.21" not in page

    def test_staff_are_not_offered_it(self, as_staff: Any) -> None:
        order = make_order(status="held", held_for="second_person")

        assert "Approve" not in page_of(as_staff, order)
        assert as_staff.post(reverse("orders:approve", args=[order.pk])).status_code == 403


@pytest.mark.parametrize("status", ["queued", "in_progress", "completed"])
def test_the_page_takes_the_same_few_statements_however_long_the_story(
    as_staff: Any, django_assert_max_num_queries: Any, status: str
) -> None:
    order = make_order(status=status, external_id="7", not_before=timezone.now() + timedelta(seconds=8))
    for number in range(20):
        OrderEvent.objects.create(order=order, kind="state", after="pending", words=str(number))
        Attempt.objects.create(order=order, provider=order.provider, action="add", outcome="not_sent")
        Refill.objects.create(order=order, status="completed", external_id=str(number))
    page_of(as_staff, order)

    with django_assert_max_num_queries(8):
        page_of(as_staff, order)


def test_a_drip_feed_shows_its_runs_and_counts_the_whole(as_staff: Any) -> None:
    service = make_service()
    order = make_order(
        service=service, quantity=100, billed_quantity=300, parameters={"runs": "3", "interval": "10"}, remains=150,
        status="in_progress", external_id="77",
    )  # fmt: skip

    page = as_staff.get(reverse("orders:detail", args=[order.pk])).content.decode()

    assert "3 × 100, every 10 min = 300" in page
    assert "50%" in page or "150 of 300" in page or "50 %" in page
