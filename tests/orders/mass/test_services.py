"""Mass orders are paused, resumed and withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from orders.mass import placement, queries
from orders.mass import services as mass_services
from orders.models import MassOrder, Order, OrderEvent
from providers.models import Service
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.mass import place_all
from tests.helpers.mass_orders import place, statements, upload

pytestmark = pytest.mark.django_db
Status = MassOrder.Status
LINK = "https://example.com/p/"


class TestPauseResumeWithdraw:
    @pytest.fixture
    def batch(self, buyer: User, service: Service) -> MassOrder:
        """Three orders: one queued, one on the wire, one at the provider; and one waiting for a second person."""
        batch = place(upload(buyer, "\n".join(f"12|{LINK}{number}|100" for number in range(4))), buyer)
        orders = list(Order.objects.order_by("pk"))
        Order.objects.filter(pk=orders[1].pk).update(status="sending", claim=uuid.uuid4())
        Order.objects.filter(pk=orders[2].pk).update(status="pending", external_id="7")
        Order.objects.filter(pk=orders[3].pk).update(status="held", held_for="second_person")
        return batch

    def states(self) -> list[tuple[str, str]]:
        return list(Order.objects.order_by("pk").values_list("status", "held_for"))

    def test_a_pause_holds_what_is_queued_and_a_resume_lets_it_go(self, batch: MassOrder, buyer: User) -> None:
        assert mass_services.pause(batch, by=buyer) == 1
        assert batch.status == Status.PAUSED
        assert self.states() == [("held", "mass_pause"), ("sending", ""), ("pending", ""), ("held", "second_person")]

        assert mass_services.resume(batch, by=buyer) == 1
        assert self.states() == [("queued", ""), ("sending", ""), ("pending", ""), ("held", "second_person")]
        steps = OrderEvent.objects.filter(kind="state", actor=buyer).values_list("before", "after")
        assert list(steps) == [("queued", "held"), ("held", "queued")]

    def test_what_comes_back_to_the_queue_during_a_pause_is_held_too(self, batch: MassOrder, buyer: User) -> None:
        mass_services.pause(batch, by=buyer)
        Order.objects.filter(status="sending").update(status="queued", claim=None)

        place_all()

        assert self.states()[1] == ("held", "mass_pause")

    def test_a_withdrawal_undoes_what_was_not_sent(self, batch: MassOrder, buyer: User) -> None:
        assert mass_services.withdraw(batch, by=buyer) == 2

        assert batch.status == Status.WITHDRAWN
        assert [status for status, _held in self.states()] == ["withdrawn", "sending", "pending", "withdrawn"]
        assert OrderEvent.objects.filter(kind="state", after="withdrawn", actor=buyer).count() == 2
        place_all()
        assert Order.objects.count() == 4

    def test_a_withdrawal_leaves_what_a_late_answer_says_was_accepted(self, batch: MassOrder, buyer: User) -> None:
        Order.objects.filter(held_for="second_person").update(held_for="late_answer")

        assert mass_services.withdraw(batch, by=buyer) == 1

        assert self.states()[3] == ("held", "late_answer")

    def test_a_withdrawal_in_mid_placing_makes_no_more_orders(self, buyer: User, service: Service) -> None:
        batch = upload(buyer, "\n".join(f"12|{LINK}{number}|100" for number in range(1_500)))
        mass_services.start_placing(batch, by=buyer)
        placement.place_chunk(batch.pk)

        assert mass_services.withdraw(batch, by=buyer) == 1_000

        place_all()
        assert Order.objects.filter(status="withdrawn").count() == Order.objects.count() == 1_000

    def test_moves_take_as_many_statements_for_many_orders_as_for_few(self, buyer: User, service: Service) -> None:
        few = place(upload(buyer, f"12|{LINK}1|100"), buyer)
        many = place(upload(buyer, "\n".join(f"12|{LINK}m{number}|100" for number in range(900))), buyer)

        assert statements(lambda: mass_services.pause(few, by=buyer)) == statements(
            lambda: mass_services.pause(many, by=buyer)
        )

    @pytest.mark.parametrize(
        ("step", "status"),
        [
            (mass_services.pause, Status.READY),
            (mass_services.resume, Status.DONE),
            (mass_services.pause, Status.WITHDRAWN),
        ],
    )
    def test_a_step_that_makes_no_sense_is_refused(
        self, buyer: User, service: Service, step: Callable[..., Any], status: str
    ) -> None:
        batch = upload(buyer, f"12|{LINK}1|100")
        MassOrder.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(mass_services.NotNow):
            step(batch, by=buyer)


def test_mass_orders_of_providers_that_are_not_granted_are_not_seen(buyer: User, service: Service) -> None:
    other = make_service(make_provider(name="Other"), external_id="12")
    mine, theirs = upload(buyer, f"Main|12|{LINK}1|100"), upload(buyer, f"Other|12|{LINK}2|100")
    limited = make_person()
    grant(limited, service.provider)
    own = make_person()
    grant(own, other.provider)

    assert set(queries.mass_orders_for(buyer)) == {mine, theirs}
    assert set(queries.mass_orders_for(limited)) == {mine}
    assert set(queries.mass_orders_for(own)) == {theirs}
