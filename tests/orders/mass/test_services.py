"""Mass orders: every line checked before anything is sent, placed a thousand at a time, never twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.mass import placement, queries
from orders.mass import services as mass_services
from orders.mass.reader import read_file, read_paste
from orders.mass.validation import Catalogue
from orders.models import HubRules, MassLine, MassOrder, Order, OrderEvent
from panelhub.models import AuditEvent
from providers.models import Provider, Service
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
    make_service,
    set_limits,
)
from tests.helpers.mass import place_all

pytestmark = pytest.mark.django_db

Status = MassOrder.Status
LINK = "https://example.com/p/"


@pytest.fixture
def staff() -> User:
    return make_person("orders.add_order", "orders.add_massorder")


@pytest.fixture
def provider() -> Provider:
    return make_provider(name="Main", balance=Decimal(100))


@pytest.fixture
def service(provider: Provider) -> Service:
    return make_service(provider, external_id="12")


def upload(user: User, text: str, *, provider: Provider | None = None, **options: Any) -> MassOrder:
    default = provider.pk if provider else None
    catalogue = Catalogue(user=user, default_provider_id=default)
    reading = read_paste(text, names_provider=catalogue.names_provider)
    return mass_services.create_mass_order(
        user=user, reading=reading, catalogue=catalogue, provider_id=default, **options
    )


def upload_file(user: User, text: str) -> MassOrder:
    catalogue = Catalogue(user=user)
    reading = read_file(text.encode(), names_provider=catalogue.names_provider)
    return mass_services.create_mass_order(user=user, reading=reading, catalogue=catalogue)


def place(batch: MassOrder, user: User, **options: Any) -> MassOrder:
    mass_services.start_placing(batch, by=user, **options)
    place_all()
    batch.refresh_from_db()
    return batch


def faults(batch: MassOrder) -> list[str]:
    return list(batch.lines.order_by("number").values_list("fault", flat=True))


def warnings(batch: MassOrder) -> list[str]:
    return list(batch.lines.order_by("number").values_list("warning", flat=True))


def statements(count_of: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        count_of()
    return len([query for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))])


class TestCheck:
    def test_a_good_line_has_its_service_and_its_price(self, staff: User, service: Service) -> None:
        batch = upload(staff, f"12|{LINK}1|1000")

        line = batch.lines.get()
        assert (line.service, line.link, line.quantity) == (service, f"{LINK}1", 1000)
        assert line.expected_charge == Decimal("0.90")
        assert (batch.status, batch.total, batch.good) == (Status.READY, 1, 1)
        assert not Order.objects.exists()

    def test_each_fault_stands_beside_its_line_and_good_lines_stay_good(self, staff: User, provider: Provider) -> None:
        make_service(provider, external_id="12")
        make_service(provider, external_id="13", is_available=False)
        make_service(provider, external_id="14", hold_reason="price_jump")
        make_service(provider, external_id="15", type="telepathy", type_label="Telepathy")
        make_service(provider, external_id="16", type="custom_comments")

        batch = upload(
            staff,
            "\n".join(
                (
                    f"12|{LINK}1|100",
                    f"99|{LINK}2|100",
                    f"13|{LINK}3|100",
                    f"14|{LINK}4|100",
                    f"15|{LINK}5|100",
                    f"16|{LINK}6|100",
                    f"12|{LINK}7|9",
                    f"12|{LINK}8|10001",
                    f"12|{LINK}9|lots",
                    "12|javascript:alert(1)|100",
                    "12||100",
                    "nonsense",
                    f"|{LINK}10|100",
                )
            ),
        )

        expected = (
            "",
            "Main has no service 99.",
            "no longer listed",
            "new price",
            "Telepathy",
            "Comments: Please fill this in.",
            "Quantity: 9 is below the minimum of 10.",
            "Quantity: 10001 is above the maximum of 10000.",
            "Quantity: Please give a whole number.",
            "Link: Only http",
            "Link: Please fill this in.",
            "not service|link|quantity",
            "names no service",
        )
        found = faults(batch)
        assert len(found) == len(expected)
        for fault, part in zip(found, expected, strict=True):
            assert part in fault
            assert bool(fault) is bool(part)
        assert batch.good == 1

    def test_a_missing_column_is_named_beside_the_lines_that_need_it(self, staff: User, service: Service) -> None:
        batch = upload_file(staff, f"service,link\n12,{LINK}1\n")

        assert faults(batch) == ["The column “quantity” is missing."]

    def test_parameters_come_from_columns_of_their_names(self, staff: User, provider: Provider) -> None:
        make_service(provider, external_id="16", type="custom_comments", min_quantity=2)
        make_service(provider, external_id="17", type="poll")

        batch = upload_file(
            staff,
            "service;link;quantity;comments;answer_number\n"
            f'16;{LINK}1;;"one\n\ntwo";\n16;{LINK}2;;one\\ntwo\\nthree;\n17;{LINK}3;50;;2\n16;{LINK}4;;"\n\n";\n',
        )

        parameters = [line.parameters for line in batch.lines.order_by("number")]
        assert parameters[:3] == [{"comments": "one\ntwo"}, {"comments": "one\ntwo\nthree"}, {"answer_number": "2"}]
        assert [line.expected_charge for line in batch.lines.order_by("number")][:2] == [
            Decimal("0.0018"),
            Decimal("0.0027"),
        ]
        assert "Comments" in faults(batch)[3]

    def test_a_drip_feed_that_is_not_offered_is_a_fault_and_not_one_run(self, staff: User) -> None:
        make_service(make_provider("servsmm"), external_id="12")

        batch = upload_file(staff, f"service,link,quantity,runs,interval\n12,{LINK}1,100,10,30\n12,{LINK}2,100,,\n")

        assert "does not describe runs" in faults(batch)[0]
        assert faults(batch)[1] == ""


class TestProviders:
    def test_are_named_by_name_or_dialect_in_any_case(self, staff: User) -> None:
        one, two = make_provider("smmplus", name="İlk Panel"), make_provider("servsmm", name="Second")
        for provider in (one, two):
            make_service(provider, external_id="5")

        names = ("ilk panel", "SERVSMM", "smm.plus")
        batch = upload(staff, "\n".join(f"{name}|5|{LINK}{number}|100" for number, name in enumerate(names)))

        assert faults(batch) == ["", "", ""]
        assert [line.provider for line in batch.lines.order_by("number")] == [one, two, one]

    def test_are_taken_from_the_form_or_are_the_only_one(self, staff: User, service: Service) -> None:
        assert upload(staff, f"12|{LINK}1|100").good == 1
        other = make_provider(name="Other")
        assert "names no provider" in faults(upload(staff, f"12|{LINK}1|100"))[0]
        assert upload(staff, f"12|{LINK}1|100", provider=service.provider).good == 1
        assert "Other has no service 12" in faults(upload(staff, f"12|{LINK}1|100", provider=other))[0]

    def test_that_are_unknown_or_ambiguous_are_said_to_be(self, staff: User, service: Service) -> None:
        make_provider("smmplus", name="Again")

        found = faults(upload(staff, f"nobody|12|{LINK}1|100\nsmmplus|12|{LINK}2|100", provider=service.provider))

        assert "no provider “nobody”" in found[0]
        assert "several providers: Again, Main" in found[1]

    def test_that_are_switched_off_or_not_granted_are_not_ordered_from(self, staff: User, service: Service) -> None:
        off, hidden = make_provider(name="Off", is_active=False), make_provider(name="Hidden")
        for provider in (off, hidden):
            make_service(provider, external_id="12")
        grant(staff, service.provider, off)

        found = faults(upload(staff, f"Off|12|{LINK}1|100\nHidden|12|{LINK}2|100\nMain|12|{LINK}3|100"))

        assert "switched off" in found[0]
        assert "no provider “Hidden”" in found[1]
        assert found[2] == ""


class TestDuplicates:
    def test_inside_the_batch_are_warned_of(self, staff: User, provider: Provider) -> None:
        make_service(provider, external_id="12")
        make_service(provider, external_id="13")

        batch = upload(staff, f"12|{LINK}1|100\n12|http://EXAMPLE.com/p/1/|50\n13|{LINK}1|100\n12|{LINK}2|100")

        assert warnings(batch) == [
            "",
            "Line 1 has the same link and service.",
            "Line 1 has the same link, with another service.",
            "",
        ]
        assert batch.good == 4

    @pytest.mark.parametrize(("status", "warned"), [("queued", True), ("in_progress", True), ("completed", False)])
    def test_of_open_orders_are_warned_of(self, staff: User, service: Service, status: str, warned: bool) -> None:
        twin = Order.objects.create(provider=service.provider, service=service, link=f"{LINK}1", status=status)
        Order.objects.create(provider=make_provider(), link=f"{LINK}2", status="pending")

        found = warnings(upload(staff, f"12|{LINK}1|100\n12|{LINK}2|100", provider=service.provider))

        assert found == [f"Order #{twin.pk} for this link is still open." if warned else "", ""]

    def test_are_left_out_unless_they_were_agreed_to(self, staff: User, service: Service) -> None:
        batch = place(upload(staff, f"12|{LINK}1|100\n12|{LINK}1|100\n12|{LINK}2|100"), staff)

        assert (batch.status, batch.placed) == (Status.DONE, 2)
        assert place(batch, staff, with_warnings=True).placed == 3

    def test_a_quantity_that_is_not_sent_is_warned_of(self, staff: User, provider: Provider) -> None:
        make_service(provider, external_id="16", type="custom_comments", min_quantity=1)
        make_service(provider, external_id="17", type="package")
        rows = f"16,{LINK}1,2,a\\nb\n16,{LINK}2,100,a\\nb\n17,{LINK}3,5,\n17,{LINK}4,,\n"

        found = warnings(upload_file(staff, f"service,link,quantity,comments\n{rows}"))

        assert [bool(warning) for warning in found] == [False, True, True, False]

    def test_letters_of_a_guessed_encoding_are_warned_of(self, staff: User, provider: Provider) -> None:
        make_service(provider, external_id="16", type="custom_comments", min_quantity=1)
        catalogue = Catalogue(user=staff)
        content = f"service,link,comments\n16,{LINK}1,façade\n16,{LINK}2,plain\n".encode("cp1252")
        reading = read_file(content, names_provider=catalogue.names_provider)

        batch = mass_services.create_mass_order(user=staff, reading=reading, catalogue=catalogue)

        assert [bool(warning) for warning in warnings(batch)] == [True, False]


class TestUploadAgain:
    def test_the_same_lines_are_recognised(self, staff: User, service: Service) -> None:
        first = upload(staff, f"12|{LINK}1|100\n12|{LINK}2|100")
        again = upload_file(staff, f"quantity,service,link\n100,12,{LINK}1\n100,12,{LINK}2\n")

        assert queries.twin_of(again) == first
        assert queries.twin_of(upload(staff, f"12|{LINK}1|100")) is None

    def test_need_a_word_when_they_were_ordered_already(self, staff: User, service: Service) -> None:
        first = place(upload(staff, f"12|{LINK}1|100"), staff)
        again = upload(staff, f"12|{LINK}1|100")

        with pytest.raises(mass_services.NotNow, match=f"mass order #{first.pk}"):
            mass_services.start_placing(again, by=staff, with_warnings=True)
        place(again, staff, with_warnings=True, despite_twin=True)

        assert Order.objects.count() == 2

    @pytest.mark.parametrize("is_paused", [False, True])
    def test_need_a_word_while_the_first_are_only_begun(self, staff: User, service: Service, is_paused: bool) -> None:
        first, again = upload(staff, f"12|{LINK}1|100"), upload(staff, f"12|{LINK}1|100")
        mass_services.start_placing(first, by=staff)
        if is_paused:
            mass_services.pause(first, by=staff)

        with pytest.raises(mass_services.NotNow, match=f"mass order #{first.pk}"):
            mass_services.start_placing(again, by=make_person("orders.add_order"), with_warnings=True)

        again.refresh_from_db()
        assert again.status == Status.READY

    def test_the_same_form_sent_twice_is_kept_once(self, staff: User, service: Service) -> None:
        token = uuid.uuid4()

        one, two = (upload(staff, f"12|{LINK}1|100", form_token=token) for _click in range(2))

        assert one == two
        assert MassLine.objects.count() == 1


class TestPlacing:
    def test_makes_an_order_of_each_good_line(self, staff: User, service: Service) -> None:
        batch = upload(staff, f"12|{LINK}1|100\n99|{LINK}2|100\n12|{LINK}3|200", client_label="Acme")

        place(batch, staff)

        assert (batch.status, batch.placed) == (Status.DONE, 2)
        orders = list(Order.objects.order_by("pk"))
        assert [(order.link, order.quantity, order.status) for order in orders] == [
            (f"{LINK}1", 100, "queued"),
            (f"{LINK}3", 200, "queued"),
        ]
        first = orders[0]
        assert (first.service, first.provider, first.mass_order) == (service, service.provider, batch)
        assert (first.created_by, first.client_label, first.currency) == (staff, "Acme", "USD")
        assert (first.expected_charge, first.reserved, first.rate) == (Decimal("0.09"), Decimal("0.09"), service.rate)
        assert first.billed_quantity == 100
        assert first.uid != orders[1].uid
        assert [line.order_id for line in batch.lines.order_by("number")] == [first.pk, None, orders[1].pk]
        assert OrderEvent.objects.filter(kind="created", after="queued", actor=staff).count() == 2
        assert AuditEvent.objects.filter(action="mass.placed", target_id=str(batch.pk)).exists()

    def test_orders_look_like_those_that_are_made_one_by_one(self, staff: User, service: Service) -> None:
        from orders.placement.services import create_order

        place(upload(staff, f"12|{LINK}1|100"), staff)
        one_by_one = create_order(user=staff, service=service, fields={"link": f"{LINK}2", "quantity": "100"})
        by_mass = Order.objects.exclude(pk=one_by_one.pk).get()
        one_by_one.refresh_from_db()

        differing = {"id", "uid", "link", "target_key", "form_token", "created_at", "mass_order"}
        for field in Order._meta.concrete_fields:
            if field.name not in differing:
                assert getattr(by_mass, field.attname) == getattr(one_by_one, field.attname), field.name
        assert by_mass.target_key

    def test_takes_as_many_statements_for_a_thousand_as_for_ten(self, staff: User, service: Service) -> None:
        few = upload(staff, "\n".join(f"12|{LINK}{number}|100" for number in range(10)))
        mass_services.start_placing(few, by=staff)
        small = statements(lambda: placement.place_chunk(few.pk))
        many = upload(staff, "\n".join(f"12|{LINK}m{number}|100" for number in range(1_000)))
        mass_services.start_placing(many, by=staff)

        large = statements(lambda: placement.place_chunk(many.pk))

        assert Order.objects.count() == 1_010
        assert large == small <= 20

    def test_a_check_takes_as_many_statements_for_a_thousand_as_for_ten(self, staff: User, service: Service) -> None:
        upload(staff, f"12|{LINK}|100")
        small = statements(lambda: upload(staff, "\n".join(f"12|{LINK}{number}|100" for number in range(10))))
        large = statements(lambda: upload(staff, "\n".join(f"12|{LINK}m{number}|100" for number in range(1_000))))

        assert large == small <= 10

    def test_goes_on_over_the_thousand(self, staff: User, service: Service) -> None:
        batch = upload(staff, "\n".join(f"12|{LINK}{number}|100" for number in range(2_345)))

        place(batch, staff)

        assert (batch.status, batch.placed) == (Status.DONE, 2_345)
        assert Order.objects.count() == MassLine.objects.filter(order__isnull=False).count() == 2_345
        assert OrderEvent.objects.count() == 2_345

    def test_a_redelivered_message_makes_nothing_twice(self, staff: User, service: Service) -> None:
        batch = place(upload(staff, f"12|{LINK}1|100"), staff)

        place_all()
        MassOrder.objects.filter(pk=batch.pk).update(status=Status.PLACING)
        place_all()

        assert Order.objects.count() == 1

    @pytest.mark.parametrize("broken", ["insert_rows", "update_rows", "notify_worker"])
    def test_killed_anywhere_in_a_thousand_leaves_nothing_of_it(
        self, staff: User, service: Service, monkeypatch: pytest.MonkeyPatch, broken: str
    ) -> None:
        batch = upload(staff, "\n".join(f"12|{LINK}{number}|100" for number in range(1_500)))
        mass_services.start_placing(batch, by=staff)
        placement.place_chunk(batch.pk)
        real = getattr(placement, broken)

        class Killed(BaseException):
            pass

        def die(*args: Any, **kwargs: Any) -> None:
            if broken != "notify_worker":
                real(*args, **kwargs)
            raise Killed

        monkeypatch.setattr(placement, broken, die)
        with pytest.raises(Killed):
            placement.place_chunk(batch.pk)
        monkeypatch.undo()

        assert Order.objects.count() == MassLine.objects.filter(order__isnull=False).count() == 1_000
        place_all()
        batch.refresh_from_db()
        assert (batch.status, batch.placed, Order.objects.count()) == (Status.DONE, 1_500, 1_500)

    def test_a_line_that_has_an_order_already_stops_the_batch_and_makes_no_second(
        self, staff: User, service: Service
    ) -> None:
        batch = place(upload(staff, f"12|{LINK}1|100"), staff)
        other = place(upload(staff, f"12|{LINK}2|100"), staff)
        # The link between line and order is lost, as no code of the hub can lose it.
        MassLine.objects.filter(mass_order=batch).update(order=None)
        MassOrder.objects.filter(pk__in=[batch.pk, other.pk]).update(status=Status.PLACING)

        place_all()

        assert Order.objects.count() == 2
        batch.refresh_from_db()
        other.refresh_from_db()
        assert (batch.status, other.status) == (Status.PAUSED, Status.DONE)
        assert "made elsewhere" in batch.summary["stopped"]

    def test_nothing_that_could_be_ordered_is_said(self, staff: User, service: Service) -> None:
        batch = upload(staff, f"99|{LINK}1|100")

        with pytest.raises(mass_services.NotNow, match="no line"):
            mass_services.start_placing(batch, by=staff)
        batch.refresh_from_db()
        assert batch.status == Status.READY

    def test_is_started_once_by_two_people(self, staff: User, service: Service) -> None:
        batch = upload(staff, f"12|{LINK}1|100")
        mass_services.start_placing(MassOrder.objects.get(pk=batch.pk), by=staff)

        with pytest.raises(mass_services.NotNow, match="another state"):
            mass_services.start_placing(batch, by=make_person())


class TestPersonMeanwhile:
    @pytest.mark.parametrize("loss", ["permission", "account"])
    def test_who_may_not_order_any_more_orders_nothing_more(self, staff: User, service: Service, loss: str) -> None:
        batch = upload(staff, f"12|{LINK}1|100")
        mass_services.start_placing(batch, by=staff)
        if loss == "permission":
            staff.user_permissions.clear()
        else:
            User.objects.filter(pk=staff.pk).update(is_active=False)

        place_all()

        batch.refresh_from_db()
        assert batch.status == Status.PAUSED
        assert batch.summary["stopped"] == f"{staff.get_username()} may not order any more."
        assert not Order.objects.exists()

        other = make_person("orders.add_order", "orders.change_massorder")
        mass_services.resume(batch, by=other)
        place_all()
        assert Order.objects.get().created_by == other

    def test_who_resumes_for_somebody_who_still_may_order_does_not_become_the_buyer(
        self, staff: User, service: Service
    ) -> None:
        batch = upload(staff, f"12|{LINK}1|100")
        mass_services.start_placing(batch, by=staff)
        mass_services.pause(batch, by=staff)

        mass_services.resume(batch, by=make_person("orders.add_order"))
        place_all()

        assert Order.objects.get().created_by == staff


class TestCatalogueMeanwhile:
    def test_a_service_that_closed_is_a_fault_when_it_comes_to_its_line(self, staff: User, service: Service) -> None:
        batch = upload(staff, f"12|{LINK}1|100")
        mass_services.start_placing(batch, by=staff)
        Service.objects.update(is_available=False)

        place_all()

        batch.refresh_from_db()
        assert (batch.status, batch.placed, batch.good) == (Status.DONE, 0, 0)
        assert "no longer listed" in faults(batch)[0]
        assert not Order.objects.exists()

    @pytest.mark.parametrize(("rate", "ordered"), [("0.50", True), ("0.905", True), ("0.95", False)])
    def test_a_price_that_rose_is_not_taken_over_unseen(
        self, staff: User, service: Service, rate: str, ordered: bool
    ) -> None:
        batch = upload(staff, f"12|{LINK}1|1000")
        mass_services.start_placing(batch, by=staff)
        Service.objects.update(rate=Decimal(rate))

        place_all()

        assert Order.objects.exists() is ordered
        if ordered:
            assert Order.objects.get().expected_charge == Decimal(rate)
        else:
            assert "price rose" in faults(batch)[0]
            batch.refresh_from_db()
            mass_services.check_again(batch, by=staff)
            assert place(batch, staff).placed == 1

    def test_checking_again_finds_what_is_new_and_keeps_what_is_wrong(self, staff: User, service: Service) -> None:
        batch = upload_file(
            staff,
            f"service,link,quantity\n77,{LINK}1,100\n=1+1,{LINK}2,100\n12,{LINK}3,5\n12,{LINK}4,100\n1,2\n1,2,3,4\n",
        )
        before = faults(batch)
        make_service(service.provider, external_id="77")
        Service.objects.filter(pk=service.pk).update(min_quantity=1, rate=Decimal(2))

        mass_services.check_again(batch, by=staff)

        after = faults(batch)
        assert "formula" in before[1]
        assert [bool(fault) for fault in after] == [False, True, False, False, True, True]
        assert [after[1], after[5]] == [before[1], before[5]]
        assert (batch.good, batch.total) == (3, 6)
        assert batch.lines.get(number=5).expected_charge == Decimal("0.2")

    def test_checking_again_leaves_orders_alone(self, staff: User, service: Service) -> None:
        batch = place(upload(staff, f"12|{LINK}1|100\n99|{LINK}2|100"), staff)
        Service.objects.update(is_available=False)

        mass_services.check_again(batch, by=staff)

        assert faults(batch)[0] == ""
        assert batch.good == 1


class TestLimits:
    def test_a_batch_beyond_the_days_limit_is_not_begun(self, staff: User, service: Service) -> None:
        set_limits(staff, daily_limit=Decimal(1))
        batch = upload(staff, f"12|{LINK}1|1000\n12|{LINK}2|1000")

        with pytest.raises(mass_services.NotNow, match="spending limit"):
            mass_services.start_placing(batch, by=staff)
        batch.refresh_from_db()
        assert batch.status == Status.READY

    def test_a_limit_that_is_used_up_meanwhile_pauses_the_batch(self, staff: User, service: Service) -> None:
        person = set_limits(staff, daily_limit=Decimal(1))
        batch = upload(staff, f"12|{LINK}1|1000")
        mass_services.start_placing(batch, by=staff)
        Order.objects.create(provider=service.provider, created_by=staff, reserved=Decimal("0.5"))

        place_all()

        batch.refresh_from_db()
        assert batch.status == Status.PAUSED
        assert "spending limit" in batch.summary["stopped"]
        assert Order.objects.count() == 1
        person.daily_limit = None
        person.save()
        mass_services.resume(batch, by=staff)
        place_all()
        assert Order.objects.count() == 2

    def test_large_orders_of_a_batch_wait_for_a_second_person(self, staff: User, service: Service) -> None:
        HubRules.objects.create(pk=1, second_person_above=Decimal("0.50"))

        place(upload(staff, f"12|{LINK}1|100\n12|{LINK}2|1000"), staff)

        assert list(Order.objects.order_by("pk").values_list("status", "held_for")) == [
            ("queued", ""),
            ("held", "second_person"),
        ]

    def test_amounts_in_another_currency_cost_no_statement_each(self, staff: User) -> None:
        make_service(make_provider(currency="THB"), external_id="12")
        batch = upload(staff, "\n".join(f"12|{LINK}{number}|100" for number in range(100)))
        mass_services.start_placing(batch, by=staff)

        assert statements(lambda: placement.place_chunk(batch.pk)) <= 20
        assert Order.objects.filter(reserved=None).count() == 100


class TestPauseResumeWithdraw:
    @pytest.fixture
    def batch(self, staff: User, service: Service) -> MassOrder:
        """Three orders: one queued, one on the wire, one at the provider; and one waiting for a second person."""
        batch = place(upload(staff, "\n".join(f"12|{LINK}{number}|100" for number in range(4))), staff)
        orders = list(Order.objects.order_by("pk"))
        Order.objects.filter(pk=orders[1].pk).update(status="sending", claim=uuid.uuid4())
        Order.objects.filter(pk=orders[2].pk).update(status="pending", external_id="7")
        Order.objects.filter(pk=orders[3].pk).update(status="held", held_for="second_person")
        return batch

    def states(self) -> list[tuple[str, str]]:
        return list(Order.objects.order_by("pk").values_list("status", "held_for"))

    def test_a_pause_holds_what_is_queued_and_a_resume_lets_it_go(self, batch: MassOrder, staff: User) -> None:
        assert mass_services.pause(batch, by=staff) == 1
        assert batch.status == Status.PAUSED
        assert self.states() == [("held", "mass_pause"), ("sending", ""), ("pending", ""), ("held", "second_person")]

        assert mass_services.resume(batch, by=staff) == 1
        assert self.states() == [("queued", ""), ("sending", ""), ("pending", ""), ("held", "second_person")]
        steps = OrderEvent.objects.filter(kind="state", actor=staff).values_list("before", "after")
        assert list(steps) == [("queued", "held"), ("held", "queued")]

    def test_what_comes_back_to_the_queue_during_a_pause_is_held_too(self, batch: MassOrder, staff: User) -> None:
        mass_services.pause(batch, by=staff)
        Order.objects.filter(status="sending").update(status="queued", claim=None)

        place_all()

        assert self.states()[1] == ("held", "mass_pause")

    def test_a_withdrawal_takes_back_what_was_not_sent(self, batch: MassOrder, staff: User) -> None:
        assert mass_services.withdraw(batch, by=staff) == 2

        assert batch.status == Status.WITHDRAWN
        assert [status for status, _held in self.states()] == ["withdrawn", "sending", "pending", "withdrawn"]
        assert OrderEvent.objects.filter(kind="state", after="withdrawn", actor=staff).count() == 2
        place_all()
        assert Order.objects.count() == 4

    def test_a_withdrawal_in_mid_placing_makes_no_more_orders(self, staff: User, service: Service) -> None:
        batch = upload(staff, "\n".join(f"12|{LINK}{number}|100" for number in range(1_500)))
        mass_services.start_placing(batch, by=staff)
        placement.place_chunk(batch.pk)

        assert mass_services.withdraw(batch, by=staff) == 1_000

        place_all()
        assert Order.objects.filter(status="withdrawn").count() == Order.objects.count() == 1_000

    def test_moves_take_as_many_statements_for_many_orders_as_for_few(self, staff: User, service: Service) -> None:
        few = place(upload(staff, f"12|{LINK}1|100"), staff)
        many = place(upload(staff, "\n".join(f"12|{LINK}m{number}|100" for number in range(900))), staff)

        assert statements(lambda: mass_services.pause(few, by=staff)) == statements(
            lambda: mass_services.pause(many, by=staff)
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
        self, staff: User, service: Service, step: Callable[..., Any], status: str
    ) -> None:
        batch = upload(staff, f"12|{LINK}1|100")
        MassOrder.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(mass_services.NotNow):
            step(batch, by=staff)


def test_mass_orders_of_providers_that_are_not_granted_are_not_seen(staff: User, service: Service) -> None:
    other = make_service(make_provider(name="Other"), external_id="12")
    mine, theirs = upload(staff, f"Main|12|{LINK}1|100"), upload(staff, f"Other|12|{LINK}2|100")
    limited = make_person()
    grant(limited, service.provider)
    own = make_person()
    grant(own, other.provider)

    assert set(queries.mass_orders_for(staff)) == {mine, theirs}
    assert set(queries.mass_orders_for(limited)) == {mine}
    assert set(queries.mass_orders_for(own)) == {theirs}
