"""Mass orders are placed a thousand lines at a time, never twice, within all limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from orders.mass import placement
from orders.mass import services as mass_services
from orders.mass.line_mends import mend_line
from orders.models import HubRules, MassLine, MassOrder, Order, OrderEvent
from orders.placement import bulk_orders
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import (
    make_person,
    make_provider,
    make_service,
    set_limits,
)
from tests.helpers.mass import place_all
from tests.helpers.mass_orders import faults, place, statements, upload, upload_file

pytestmark = pytest.mark.django_db
Status = MassOrder.Status
LINK = "https://example.com/p/"


class TestPlacing:
    def test_makes_an_order_of_each_good_line(self, buyer: User, service: Service) -> None:
        batch = upload(buyer, f"12|{LINK}1|100\n99|{LINK}2|100\n12|{LINK}3|200", client_label="Acme")

        place(batch, buyer)

        assert (batch.status, batch.placed) == (Status.DONE, 2)
        orders = list(Order.objects.order_by("pk"))
        assert [(order.link, order.quantity, order.status) for order in orders] == [
            (f"{LINK}1", 100, "queued"),
            (f"{LINK}3", 200, "queued"),
        ]
        first = orders[0]
        assert (first.service, first.provider, first.mass_order) == (service, service.provider, batch)
        assert (first.created_by, first.client_label, first.currency) == (buyer, "Acme", "USD")
        assert (first.expected_charge, first.reserved, first.rate) == (Decimal("0.09"), Decimal("0.09"), service.rate)
        assert first.billed_quantity == 100
        assert first.uid != orders[1].uid
        assert [line.order_id for line in batch.lines.order_by("number")] == [first.pk, None, orders[1].pk]
        assert OrderEvent.objects.filter(kind="created", after="queued", actor=buyer).count() == 2
        assert AuditEvent.objects.filter(action="mass.placed", target_id=str(batch.pk)).exists()

    def test_orders_look_like_those_that_are_made_one_by_one(self, buyer: User, service: Service) -> None:
        from orders.placement.services import create_order

        place(upload(buyer, f"12|{LINK}1|100"), buyer)
        one_by_one = create_order(user=buyer, service=service, fields={"link": f"{LINK}2", "quantity": "100"})
        by_mass = Order.objects.exclude(pk=one_by_one.pk).get()
        one_by_one.refresh_from_db()

        differing = {"id", "uid", "link", "target_key", "form_token", "created_at", "mass_order"}
        for field in Order._meta.concrete_fields:
            if field.name not in differing:
                assert getattr(by_mass, field.attname) == getattr(one_by_one, field.attname), field.name
        assert by_mass.target_key

    def test_takes_as_many_statements_for_a_thousand_as_for_ten(self, buyer: User, service: Service) -> None:
        few = upload(buyer, "\n".join(f"12|{LINK}{number}|100" for number in range(10)))
        mass_services.start_placing(few, by=buyer)
        small = statements(lambda: placement.place_chunk(few.pk))
        many = upload(buyer, "\n".join(f"12|{LINK}m{number}|100" for number in range(1_000)))
        mass_services.start_placing(many, by=buyer)

        large = statements(lambda: placement.place_chunk(many.pk))

        assert Order.objects.count() == 1_010
        assert large == small <= 20

    def test_a_check_takes_as_many_statements_for_a_thousand_as_for_ten(self, buyer: User, service: Service) -> None:
        upload(buyer, f"12|{LINK}|100")
        small = statements(lambda: upload(buyer, "\n".join(f"12|{LINK}{number}|100" for number in range(10))))
        large = statements(lambda: upload(buyer, "\n".join(f"12|{LINK}m{number}|100" for number in range(1_000))))

        assert large == small <= 10

    def test_goes_on_over_the_thousand(self, buyer: User, service: Service) -> None:
        batch = upload(buyer, "\n".join(f"12|{LINK}{number}|100" for number in range(2_345)))

        place(batch, buyer)

        assert (batch.status, batch.placed) == (Status.DONE, 2_345)
        assert Order.objects.count() == MassLine.objects.filter(order__isnull=False).count() == 2_345
        assert OrderEvent.objects.count() == 2_345

    def test_a_redelivered_message_makes_nothing_twice(self, buyer: User, service: Service) -> None:
        batch = place(upload(buyer, f"12|{LINK}1|100"), buyer)

        place_all()
        MassOrder.objects.filter(pk=batch.pk).update(status=Status.PLACING)
        place_all()

        assert Order.objects.count() == 1

    @pytest.mark.parametrize("broken", ["insert_rows", "update_rows", "notify_worker"])
    def test_killed_anywhere_in_a_thousand_leaves_nothing_of_it(
        self, buyer: User, service: Service, monkeypatch: pytest.MonkeyPatch, broken: str
    ) -> None:
        batch = upload(buyer, "\n".join(f"12|{LINK}{number}|100" for number in range(1_500)))
        mass_services.start_placing(batch, by=buyer)
        placement.place_chunk(batch.pk)
        module = placement if broken == "update_rows" else bulk_orders
        real = getattr(module, broken)

        class Killed(BaseException):
            pass

        def die(*args: Any, **kwargs: Any) -> None:
            if broken != "notify_worker":
                real(*args, **kwargs)
            raise Killed

        monkeypatch.setattr(module, broken, die)
        with pytest.raises(Killed):
            placement.place_chunk(batch.pk)
        monkeypatch.undo()

        assert Order.objects.count() == MassLine.objects.filter(order__isnull=False).count() == 1_000
        place_all()
        batch.refresh_from_db()
        assert (batch.status, batch.placed, Order.objects.count()) == (Status.DONE, 1_500, 1_500)

    def test_a_line_that_has_an_order_already_stops_the_batch_and_makes_no_second(
        self, buyer: User, service: Service
    ) -> None:
        batch = place(upload(buyer, f"12|{LINK}1|100"), buyer)
        other = place(upload(buyer, f"12|{LINK}2|100"), buyer)
        # The link between line and order is lost, as no code of the hub can lose it.
        MassLine.objects.filter(mass_order=batch).update(order=None)
        MassOrder.objects.filter(pk__in=[batch.pk, other.pk]).update(status=Status.PLACING)

        place_all()

        assert Order.objects.count() == 2
        batch.refresh_from_db()
        other.refresh_from_db()
        assert (batch.status, other.status) == (Status.PAUSED, Status.DONE)
        assert "One of these lines was already ordered elsewhere. Check the lines" in batch.summary["stopped"]

    def test_nothing_that_could_be_ordered_is_said(self, buyer: User, service: Service) -> None:
        batch = upload(buyer, f"99|{LINK}1|100")

        with pytest.raises(mass_services.NotNow, match="None of these lines"):
            mass_services.start_placing(batch, by=buyer)
        batch.refresh_from_db()
        assert batch.status == Status.READY

    def test_is_started_once_by_two_people(self, buyer: User, service: Service) -> None:
        batch = upload(buyer, f"12|{LINK}1|100")
        mass_services.start_placing(MassOrder.objects.get(pk=batch.pk), by=buyer)

        with pytest.raises(mass_services.NotNow, match="has changed"):
            mass_services.start_placing(batch, by=make_person())


class TestPersonMeanwhile:
    @pytest.mark.parametrize("loss", ["permission", "account"])
    def test_who_may_not_order_any_more_orders_nothing_more(self, buyer: User, service: Service, loss: str) -> None:
        batch = upload(buyer, f"12|{LINK}1|100")
        mass_services.start_placing(batch, by=buyer)
        if loss == "permission":
            buyer.user_permissions.clear()
        else:
            User.objects.filter(pk=buyer.pk).update(is_active=False)

        place_all()

        batch.refresh_from_db()
        assert batch.status == Status.PAUSED
        assert batch.summary["stopped"] == f"{buyer.get_username()} can no longer place orders."
        assert not Order.objects.exists()

        other = make_person("orders.add_order", "orders.change_massorder")
        mass_services.resume(batch, by=other)
        place_all()
        assert Order.objects.get().created_by == other

    def test_who_resumes_for_someone_who_still_may_order_does_not_become_the_buyer(
        self, buyer: User, service: Service
    ) -> None:
        batch = upload(buyer, f"12|{LINK}1|100")
        mass_services.start_placing(batch, by=buyer)
        mass_services.pause(batch, by=buyer)

        mass_services.resume(batch, by=make_person("orders.add_order"))
        place_all()

        assert Order.objects.get().created_by == buyer


class TestCatalogueMeanwhile:
    def test_a_service_that_closed_is_a_fault_when_it_comes_to_its_line(self, buyer: User, service: Service) -> None:
        batch = upload(buyer, f"12|{LINK}1|100")
        mass_services.start_placing(batch, by=buyer)
        Service.objects.update(is_available=False)

        place_all()

        batch.refresh_from_db()
        assert (batch.status, batch.placed, batch.good) == (Status.DONE, 0, 0)
        assert "no longer listed" in faults(batch)[0]
        assert not Order.objects.exists()

    @pytest.mark.parametrize(("rate", "ordered"), [("0.50", True), ("0.905", True), ("0.95", False)])
    def test_a_price_that_rose_is_not_taken_over_unseen(
        self, buyer: User, service: Service, rate: str, ordered: bool
    ) -> None:
        batch = upload(buyer, f"12|{LINK}1|1000")
        mass_services.start_placing(batch, by=buyer)
        Service.objects.update(rate=Decimal(rate))

        place_all()

        assert Order.objects.exists() is ordered
        if ordered:
            assert Order.objects.get().expected_charge == Decimal(rate)
        else:
            assert "The price went up after the check. Check again to accept it" in faults(batch)[0]
            batch.refresh_from_db()
            mass_services.check_again(batch, by=buyer)
            assert place(batch, buyer).placed == 1

    def test_checking_again_finds_what_is_new_and_keeps_what_is_wrong(self, buyer: User, service: Service) -> None:
        batch = upload_file(
            buyer,
            f"service,link,quantity\n77,{LINK}1,100\n=1+1,{LINK}2,100\n12,{LINK}3,5\n12,{LINK}4,100\n1,2\n1,2,3,4\n",
        )
        before = faults(batch)
        make_service(service.provider, external_id="77")
        Service.objects.filter(pk=service.pk).update(min_quantity=1, rate=Decimal(2))

        mass_services.check_again(batch, by=buyer)

        after = faults(batch)
        assert "formula" in before[1]
        assert [bool(fault) for fault in after] == [False, True, False, False, True, True]
        assert [after[1], after[5]] == [before[1], before[5]]
        assert (batch.good, batch.total) == (3, 6)
        assert batch.lines.get(number=5).expected_charge == Decimal("0.2")

    def test_checking_again_leaves_a_line_that_is_edited_meanwhile(
        self, buyer: User, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = upload(buyer, f"99|{LINK}1|100\n12|{LINK}2|100")
        line = batch.lines.get(number=1)
        lock = mass_services.lock_batch

        def edit_then_lock(*args: Any, **kwargs: Any) -> None:
            mend_line(batch, line, {"service": "12", "link": f"{LINK}3", "quantity": "300"}, by=buyer)
            lock(*args, **kwargs)

        monkeypatch.setattr(mass_services, "lock_batch", edit_then_lock)

        mass_services.check_again(batch, by=buyer)

        line.refresh_from_db()
        assert (line.link, line.quantity, line.fault) == (f"{LINK}3", 300, "")
        assert batch.good == 2

    def test_checking_again_leaves_orders_alone(self, buyer: User, service: Service) -> None:
        batch = place(upload(buyer, f"12|{LINK}1|100\n99|{LINK}2|100"), buyer)
        Service.objects.update(is_available=False)

        mass_services.check_again(batch, by=buyer)

        assert faults(batch)[0] == ""
        assert batch.good == 1


class TestLimits:
    def test_a_batch_beyond_the_days_limit_is_not_begun(self, buyer: User, service: Service) -> None:
        set_limits(buyer, daily_limit=Decimal(1))
        batch = upload(buyer, f"12|{LINK}1|1000\n12|{LINK}2|1000")

        with pytest.raises(mass_services.NotNow, match="spending limit"):
            mass_services.start_placing(batch, by=buyer)
        batch.refresh_from_db()
        assert batch.status == Status.READY

    def test_a_limit_that_is_used_up_meanwhile_pauses_the_batch(self, buyer: User, service: Service) -> None:
        person = set_limits(buyer, daily_limit=Decimal(1))
        batch = upload(buyer, f"12|{LINK}1|1000")
        mass_services.start_placing(batch, by=buyer)
        Order.objects.create(provider=service.provider, created_by=buyer, reserved=Decimal("0.5"))

        place_all()

        batch.refresh_from_db()
        assert batch.status == Status.PAUSED
        assert "spending limit" in batch.summary["stopped"]
        assert Order.objects.count() == 1
        person.daily_limit = None
        person.save()
        mass_services.resume(batch, by=buyer)
        place_all()
        assert Order.objects.count() == 2

    def test_large_orders_of_a_batch_wait_for_a_second_person(self, buyer: User, service: Service) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal("0.50"))

        place(upload(buyer, f"12|{LINK}1|100\n12|{LINK}2|1000"), buyer)

        assert list(Order.objects.order_by("pk").values_list("status", "held_for")) == [
            ("queued", ""),
            ("held", "second_person"),
        ]

    def test_amounts_in_another_currency_cost_no_statement_each(self, buyer: User) -> None:
        make_service(make_provider(currency="THB"), external_id="12")
        batch = upload(buyer, "\n".join(f"12|{LINK}{number}|100" for number in range(100)))
        mass_services.start_placing(batch, by=buyer)

        assert statements(lambda: placement.place_chunk(batch.pk)) <= 21
        assert Order.objects.filter(reserved=None).count() == 100
