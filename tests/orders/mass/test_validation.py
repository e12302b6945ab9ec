"""Every line of a mass order is checked before anything is sent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from orders.mass import services as mass_services
from orders.mass.catalogue import Catalogue
from orders.mass.reader import read_file
from orders.models import MassOrder, Order
from providers.models import Provider, Service
from tests.helpers.makers import (
    grant,
    make_provider,
    make_service,
)
from tests.helpers.mass_orders import faults, place, upload, upload_file

pytestmark = pytest.mark.django_db
Status = MassOrder.Status
LINK = "https://example.com/p/"


def warnings(batch: MassOrder) -> list[str]:
    return list(batch.lines.order_by("number").values_list("warning", flat=True))


class TestCheck:
    def test_a_good_line_has_its_service_and_its_price(self, buyer: User, service: Service) -> None:
        batch = upload(buyer, f"12|{LINK}1|1000")

        line = batch.lines.get()
        assert (line.service, line.link, line.quantity) == (service, f"{LINK}1", 1000)
        assert line.expected_charge == Decimal("0.90")
        assert (batch.status, batch.total, batch.good) == (Status.READY, 1, 1)
        assert not Order.objects.exists()

    def test_each_fault_stands_beside_its_line_and_good_lines_stay_good(self, buyer: User, provider: Provider) -> None:
        make_service(provider, external_id="12")
        make_service(provider, external_id="13", is_available=False)
        make_service(provider, external_id="14", hold_reason="price_jump")
        make_service(provider, external_id="15", type="telepathy", type_label="Telepathy")
        make_service(provider, external_id="16", type="custom_comments")

        batch = upload(
            buyer,
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
            "Comments: This field is required.",
            "Quantity: 9 is below the minimum of 10.",
            "Quantity: 10001 is above the maximum of 10000.",
            "Quantity: Enter a whole number.",
            "Link: Enter an http",
            "Link: This field is required.",
            "Use service|link|quantity or provider|service|link|quantity",
            "names no service",
        )
        found = faults(batch)
        assert len(found) == len(expected)
        for fault, part in zip(found, expected, strict=True):
            assert part in fault
            assert bool(fault) is bool(part)
        assert batch.good == 1

    def test_a_missing_column_is_named_beside_the_lines_that_need_it(self, buyer: User, service: Service) -> None:
        batch = upload_file(buyer, f"service,link\n12,{LINK}1\n")

        assert faults(batch) == ["The column “quantity” is missing."]

    def test_parameters_come_from_columns_of_their_names(self, buyer: User, provider: Provider) -> None:
        make_service(provider, external_id="16", type="custom_comments", min_quantity=2)
        make_service(provider, external_id="17", type="poll")

        batch = upload_file(
            buyer,
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

    def test_a_drip_feed_that_is_not_offered_is_a_fault_and_not_one_run(self, buyer: User) -> None:
        make_service(make_provider("servsmm"), external_id="12")

        batch = upload_file(buyer, f"service,link,quantity,runs,interval\n12,{LINK}1,100,10,30\n12,{LINK}2,100,,\n")

        assert "doesn’t mention drip-feed" in faults(batch)[0]
        assert faults(batch)[1] == ""


class TestProviders:
    def test_are_named_by_name_or_dialect_in_any_case(self, buyer: User) -> None:
        one, two = make_provider("smmplus", name="İlk Panel"), make_provider("servsmm", name="Second")
        for provider in (one, two):
            make_service(provider, external_id="5")

        names = ("ilk panel", "SERVSMM", "smm.plus")
        batch = upload(buyer, "\n".join(f"{name}|5|{LINK}{number}|100" for number, name in enumerate(names)))

        assert faults(batch) == ["", "", ""]
        assert [line.provider for line in batch.lines.order_by("number")] == [one, two, one]

    def test_are_taken_from_the_form_or_are_the_only_one(self, buyer: User, service: Service) -> None:
        assert upload(buyer, f"12|{LINK}1|100").good == 1
        other = make_provider(name="Other")
        assert "names no provider" in faults(upload(buyer, f"12|{LINK}1|100"))[0]
        assert upload(buyer, f"12|{LINK}1|100", provider=service.provider).good == 1
        assert "Other has no service 12" in faults(upload(buyer, f"12|{LINK}1|100", provider=other))[0]

    def test_that_are_unknown_or_ambiguous_are_said_to_be(self, buyer: User, service: Service) -> None:
        make_provider("smmplus", name="Again")

        found = faults(upload(buyer, f"nobody|12|{LINK}1|100\nsmmplus|12|{LINK}2|100", provider=service.provider))

        assert "No provider is named “nobody”" in found[0]
        assert "several providers: Again, Main" in found[1]

    def test_that_are_switched_off_or_not_granted_are_not_ordered_from(self, buyer: User, service: Service) -> None:
        off, hidden = make_provider(name="Off", is_active=False), make_provider(name="Hidden")
        for provider in (off, hidden):
            make_service(provider, external_id="12")
        grant(buyer, service.provider, off)

        found = faults(upload(buyer, f"Off|12|{LINK}1|100\nHidden|12|{LINK}2|100\nMain|12|{LINK}3|100"))

        assert "is disabled" in found[0]
        assert "No provider is named “Hidden”" in found[1]
        assert found[2] == ""


class TestDuplicates:
    def test_inside_the_batch_are_warned_of(self, buyer: User, provider: Provider) -> None:
        make_service(provider, external_id="12")
        make_service(provider, external_id="13")

        batch = upload(buyer, f"12|{LINK}1|100\n12|http://EXAMPLE.com/p/1/|50\n13|{LINK}1|100\n12|{LINK}2|100")

        assert warnings(batch) == [
            "",
            "Line 1 has the same link and service.",
            "Line 1 has the same link, with another service.",
            "",
        ]
        assert batch.good == 4

    @pytest.mark.parametrize(("status", "warned"), [("queued", True), ("in_progress", True), ("completed", False)])
    def test_of_open_orders_are_warned_of(self, buyer: User, service: Service, status: str, warned: bool) -> None:
        twin = Order.objects.create(provider=service.provider, service=service, link=f"{LINK}1", status=status)
        Order.objects.create(provider=make_provider(), link=f"{LINK}2", status="pending")

        found = warnings(upload(buyer, f"12|{LINK}1|100\n12|{LINK}2|100", provider=service.provider))

        assert found == [f"Order #{twin.pk} for this link is still open." if warned else "", ""]

    def test_are_left_out_unless_they_were_agreed_to(self, buyer: User, service: Service) -> None:
        batch = place(upload(buyer, f"12|{LINK}1|100\n12|{LINK}1|100\n12|{LINK}2|100"), buyer)

        assert (batch.status, batch.placed) == (Status.DONE, 2)
        assert place(batch, buyer, with_warnings=True).placed == 3

    def test_a_quantity_that_is_not_sent_is_warned_of(self, buyer: User, provider: Provider) -> None:
        make_service(provider, external_id="16", type="custom_comments", min_quantity=1)
        make_service(provider, external_id="17", type="package")
        rows = f"16,{LINK}1,2,a\\nb\n16,{LINK}2,100,a\\nb\n17,{LINK}3,5,\n17,{LINK}4,,\n"

        found = warnings(upload_file(buyer, f"service,link,quantity,comments\n{rows}"))

        assert [bool(warning) for warning in found] == [False, True, True, False]

    def test_letters_of_a_guessed_encoding_are_warned_of(self, buyer: User, provider: Provider) -> None:
        make_service(provider, external_id="16", type="custom_comments", min_quantity=1)
        catalogue = Catalogue(user=buyer)
        content = f"service,link,comments\n16,{LINK}1,façade\n16,{LINK}2,plain\n".encode("cp1252")
        reading = read_file(content, names_provider=catalogue.names_provider)

        batch = mass_services.create_mass_order(user=buyer, reading=reading, catalogue=catalogue)

        assert [bool(warning) for warning in warnings(batch)] == [True, False]
