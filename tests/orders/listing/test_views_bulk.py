"""Many orders at once: what is done, what is left out and why, and who may."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from orders.models import Order, OrderEvent
from orders.placement.reserved_amounts import spent_today
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import (
    grant,
    make_order,
    make_person,
    make_service,
    set_limits,
)
from tests.helpers.order_list import bulk, states_of
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db
LIST = reverse("orders:list")


def offered_by(page: str) -> dict[str, Any]:
    """Return what the form of a result page would post."""
    assert "Approve at these prices" in page
    found = {name: re.findall(rf'name="{name}" value="([^"]*)"', page) for name in ("action", "ids", "seen")}
    return {"action": found["action"][0], "ids": found["ids"], "seen": found["seen"]}


class TestWithdrawing:
    def test_what_is_not_sent_comes_back_and_the_rest_is_named(self, as_staff: Any, staff: Any) -> None:
        queued, held, moving = (make_order(status=status) for status in ("queued", "held", "in_progress"))

        page = bulk(as_staff, "withdraw", queued, held, moving).content.decode()

        assert states_of(queued, held, moving) == ["withdrawn", "withdrawn", "in_progress"]
        assert "2 orders withdrawn. Nothing was sent." in page
        assert "It has already been sent (In progress)." in page
        assert f">#{moving.pk}<" in page
        assert AuditEvent.objects.get(action="order.withdrawn").data["orders"] == [queued.pk, held.pk]

    def test_all_that_match_are_meant_and_nothing_else(self, as_staff: Any) -> None:
        queued, other = make_order(status="queued"), make_order(status="held")

        response = bulk(as_staff, "withdraw", matching="1", filter="status=queued")

        assert "1 order withdrawn" in response.content.decode()
        assert states_of(queued, other) == ["withdrawn", "held"]

    def test_orders_of_other_providers_are_out_of_reach(self, as_staff: Any, staff: Any) -> None:
        mine, other = make_order(status="queued"), make_order(status="queued")
        grant(staff, mine.provider)

        page = bulk(as_staff, "withdraw", mine, other).content.decode()

        assert states_of(mine, other) == ["withdrawn", "queued"]
        assert "This order doesn’t exist." in page

    def test_what_a_late_answer_says_was_accepted_is_not_withdrawn(self, as_staff: Any) -> None:
        queued, late = make_order(status="queued"), make_order(status="held", held_for="late_answer")

        page = bulk(as_staff, "withdraw", queued, late).content.decode()

        assert states_of(queued, late) == ["withdrawn", "held"]
        assert "It may have been sent already" in page


class TestLettingOut:
    def test_held_orders_of_others_go_and_ones_own_stay(self, as_manager: Any, manager: Any) -> None:
        author = make_person()
        one, two = (make_order(status="held", held_for="second_person", created_by=author) for _n in range(2))
        own = make_order(status="held", held_for="second_person", created_by=manager)
        late = make_order(status="held", held_for="late_answer", created_by=author)
        queued = make_order(status="queued")

        page = bulk(as_manager, "approve", one, two, own, late, queued).content.decode()

        assert states_of(one, two, own, late) == ["queued", "queued", "held", "held"]
        assert "2 orders approved and queued." in page
        assert "You placed this order. Another person has to approve it" in page
        assert "It may have been sent already. Review it on its own page" in page
        assert "It isn’t held (Queued)." in page
        assert Order.objects.get(pk=one.pk).approved_by == manager
        assert OrderEvent.objects.filter(after="queued", actor=manager).count() == 2

    @pytest.fixture
    def jumped(self) -> Order:
        """Return an order of 1 that costs 2 by now, and is held for it."""
        return make_order(
            make_service(rate=Decimal(2)),
            status="held",
            held_for="price_jump",
            rate=Decimal(1),
            expected_charge=Decimal(1),
            reserved=1,
        )

    def test_one_whose_price_moved_waits_until_it_was_seen(self, as_manager: Any, jumped: Order) -> None:
        plain = make_order(status="held", held_for="second_person")

        page = bulk(as_manager, "approve", plain, jumped).content.decode()

        assert states_of(plain, jumped) == ["queued", "held"]
        assert "Price changed" in page
        assert "2.00" in page
        bulk(as_manager, **offered_by(page))
        jumped.refresh_from_db()
        assert (jumped.status, jumped.rate, jumped.expected_charge) == ("queued", Decimal(2), Decimal(2))

    def test_at_no_other_price_than_the_one_that_was_seen(self, as_manager: Any, jumped: Order) -> None:
        offered = offered_by(bulk(as_manager, "approve", jumped).content.decode())
        Service.objects.update(rate=Decimal(200))

        page = bulk(as_manager, **offered).content.decode()

        jumped.refresh_from_db()
        assert (jumped.status, jumped.rate) == ("held", Decimal(1))
        assert "200.00" in page
        bulk(as_manager, **offered_by(page))
        assert Order.objects.get(pk=jumped.pk).rate == Decimal(200)

    def test_of_many_services_each_has_its_own_price(self, as_manager: Any, jumped: Order) -> None:
        other = make_order(
            make_service(jumped.provider, rate=Decimal(7)), status="held", held_for="price_jump", rate=Decimal(5)
        )
        offered = offered_by(bulk(as_manager, "approve", matching="1", filter="status=held").content.decode())
        Service.objects.exclude(orders=jumped).update(rate=Decimal(70))

        bulk(as_manager, **offered)

        assert states_of(jumped, other) == ["queued", "held"]

    def test_its_price_is_not_shown_to_whoever_may_not_see_it(self, as_manager: Any, manager: Any) -> None:
        order = make_order(make_service(rate=Decimal("7.13")), status="held", held_for="price_jump", rate=Decimal(5))
        manager.groups.clear()
        manager.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "approve_order"]))

        page = bulk(as_manager, "approve", order).content.decode()

        assert "7.13" not in page
        bulk(as_manager, **offered_by(page))
        assert states_of(order) == ["queued"]

    def test_what_was_held_yesterday_takes_of_the_limit_of_today(self, as_manager: Any, manager: Any) -> None:
        author, yesterday = make_person(), timezone.now() - timedelta(days=1)
        held: dict[str, Any] = {"status": "held", "held_for": "price_jump", "created_at": yesterday, "reserved": 3}
        of_another, own = (make_order(**held, created_by=person) for person in (author, manager))
        set_limits(manager, daily_limit=2)

        page = bulk(as_manager, "approve", of_another, own).content.decode()

        assert states_of(of_another, own) == ["queued", "held"]
        assert "is left of your spending limit today" in page
        assert (spent_today(author), spent_today(manager)) == (Decimal(3), Decimal(0))

    def test_it_takes_the_same_statements_for_many(self, as_manager: Any, django_assert_max_num_queries: Any) -> None:
        orders = [make_order(status="held", held_for="second_person") for _number in range(30)]
        as_manager.get(LIST)

        with django_assert_max_num_queries(25):
            as_manager.post(reverse("orders:bulk"), {"action": "approve", "ids": [str(order.pk) for order in orders]})

        assert set(states_of(*orders)) == {"queued"}


def test_only_what_a_person_may_do_to_these_orders_is_offered(as_staff: Any, as_manager: Any, viewer: Any) -> None:
    make_order(status="held")
    make_order(status="in_progress")

    def offered(client: Any, **query: str) -> set[str]:
        page = client.get(LIST, query).content.decode()
        return {slug for slug in ("approve", "refill", "cancel", "withdraw") if f'value="{slug}"' in page}

    assert offered(as_staff) == {"refill", "cancel", "withdraw"}
    assert offered(as_manager) == {"approve", "refill", "cancel", "withdraw"}
    assert offered(as_manager, tab="attention") == {"approve", "withdraw"}
    assert offered(as_staff, status="in_progress") == {"cancel"}
    assert offered(log_in(viewer)) == set()


@pytest.mark.parametrize("action", ["approve", "refill", "withdraw"])
def test_what_a_person_may_not_is_refused(viewer: Any, as_staff: Any, action: str) -> None:
    order = make_order(status="held", held_for="second_person")

    assert bulk(log_in(viewer), action, order).status_code == 403
    if action == "approve":
        assert bulk(as_staff, action, order).status_code == 403
    assert states_of(order) == ["held"]
