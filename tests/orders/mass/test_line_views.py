"""A faulty line is mended on the page of its mass order, and checked again beside the others."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import MassLine, MassOrder, Order
from orders.roles import ROLES
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import make_person, make_provider, make_service
from tests.helpers.mass import LINK, POLL, begin, page_of, place_all, take
from tests.helpers.pages import log_in


@pytest.fixture
def service(db: None) -> Service:
    return make_service(make_provider(name="Main"), external_id="12", name="Followers")


def address(line: MassLine) -> str:
    return reverse("orders:mass_line", args=[line.mass_order_id, line.number])


def line_of(batch: MassOrder, number: int) -> MassLine:
    return batch.lines.get(number=number)


def cells_of(client: Client, line: MassLine) -> str:
    """Return the cells of a line as they are shown to be typed again, without the blanks between."""
    return " ".join(client.get(address(line), headers=POLL).content.decode().split())


def mend(client: Client, line: MassLine, **fields: str) -> str:
    response = client.post(address(line), fields, headers=POLL)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_fault_is_mended_without_a_new_paste(as_staff: Client, service: Service) -> None:
    batch = begin(as_staff, f"12|{LINK}1|100\n12|{LINK}2|5\n")
    line = line_of(batch, 2)
    assert address(line) in page_of(as_staff, batch)

    cells = cells_of(as_staff, line)
    assert f'<tr id="line-{line.pk}"' in cells
    assert 'name="quantity" value="5"' in cells
    assert f'name="link" value="{LINK}2"' in cells
    said = mend(as_staff, line, service="12", link=f"{LINK}2", quantity="50")

    line.refresh_from_db()
    batch.refresh_from_db()
    assert (line.fault, line.quantity, line.link, line.service) == ("", 50, f"{LINK}2", service)
    assert (batch.good, batch.total) == (2, 2)
    assert f'id="line-{line.pk}"' in said
    assert "Place 2 orders" in said
    assert not Order.objects.exists()
    assert AuditEvent.objects.filter(action="mass.line_mended").exists()

    take(as_staff, batch, "place")
    place_all()
    assert set(Order.objects.values_list("quantity", flat=True)) == {50, 100}


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("12|#N/A|100", {"service": "12", "link": f"{LINK}9", "quantity": "100"}),
        (f"99|{LINK}9|100", {"service": "12", "link": f"{LINK}9", "quantity": "100"}),
        (f"nobody|12|{LINK}9|100", {"provider": "Main", "service": "12", "link": f"{LINK}9", "quantity": "100"}),
        ("what is this", {"service": "12", "link": f"{LINK}9", "quantity": "100"}),
        (f"12|{LINK}9|=1+1", {"service": "12", "link": f"{LINK}9", "quantity": "100.0"}),
    ],
)
def test_whatever_was_wrong_with_a_line_can_be_mended(
    as_staff: Client, service: Service, text: str, typed: dict[str, str]
) -> None:
    batch = begin(as_staff, f"12|{LINK}1|100\n{text}")
    line = line_of(batch, 2)
    assert line.fault

    mend(as_staff, line, **typed)

    line.refresh_from_db()
    assert (line.fault, line.link, line.quantity) == ("", f"{LINK}9", 100)


def test_what_is_still_wrong_is_said_and_nothing_typed_is_lost(as_staff: Client, service: Service) -> None:
    batch = begin(as_staff, f"12|{LINK}1|5")
    line = line_of(batch, 1)

    said = mend(as_staff, line, service="12", link="https://https://example.com", quantity="7")

    assert "These are two links. Put each on its own line" in said
    assert "7 is below the minimum of 10." in said
    assert 'name="quantity" value="7"' in cells_of(as_staff, line)


def test_comments_are_typed_in_lines(as_staff: Client) -> None:
    make_service(make_provider(name="Main"), external_id="13", type="custom_comments", min_quantity=2)
    batch = begin(as_staff, f"service\tlink\tcomments\n13\t{LINK}1\tone")
    line = line_of(batch, 2)
    assert '<textarea id="line-' in cells_of(as_staff, line)

    mend(as_staff, line, service="13", link=f"{LINK}1", comments="one\r\ntwo")

    line.refresh_from_db()
    assert (line.fault, line.parameters) == ("", {"comments": "one\ntwo"})


def test_a_mended_line_is_warned_of_its_twins(as_staff: Client, service: Service) -> None:
    batch = begin(as_staff, f"12|{LINK}1|100\n12|-|100")

    mend(as_staff, line_of(batch, 2), service="12", link=f"{LINK}1?utm_source=x", quantity="100")

    assert line_of(batch, 2).warning == "Line 1 has the same link and service."


def test_a_line_that_was_ordered_meanwhile_stays_as_it_is(as_staff: Client, service: Service) -> None:
    batch = begin(as_staff, f"12|{LINK}1|100")
    line = line_of(batch, 1)
    take(as_staff, batch, "place")
    assert "This mass order has changed" in mend(as_staff, line, service="12", link=f"{LINK}2", quantity="50")
    place_all()

    said = mend(as_staff, line, service="12", link=f"{LINK}2", quantity="50")

    line.refresh_from_db()
    assert "has already been ordered" in said
    assert (line.link, line.quantity) == (f"{LINK}1", 100)
    assert Order.objects.get().quantity == 100


def test_without_a_script_it_is_a_page_of_its_own(as_staff: Client, service: Service) -> None:
    batch = begin(as_staff, f"12|{LINK}1|5")
    line = line_of(batch, 1)

    assert "<html" in as_staff.get(address(line)).content.decode()
    response = as_staff.post(address(line), {"service": "12", "link": f"{LINK}1", "quantity": "50"})

    assert response.status_code == 302
    assert line_of(batch, 1).fault == ""


@pytest.mark.parametrize("role", ["viewer", "staff", "manager"])
def test_only_who_may_change_a_mass_order_mends_its_lines(as_staff: Client, service: Service, role: str) -> None:
    batch = begin(as_staff, f"12|{LINK}1|5")
    line = line_of(batch, 1)
    other = log_in(make_person(*ROLES[role]))

    status = other.post(address(line), {"service": "12", "link": f"{LINK}1", "quantity": "50"}).status_code

    assert (status == 302) == (role != "viewer")
    assert (line_of(batch, 1).fault == "") == (role != "viewer")


def test_a_line_of_another_mass_order_is_not_found(as_staff: Client, service: Service) -> None:
    first, second = begin(as_staff, f"12|{LINK}1|5"), begin(as_staff, f"12|{LINK}2|5\n12|{LINK}3|5")

    wrong = reverse("orders:mass_line", args=[first.pk, line_of(second, 2).number])

    assert as_staff.get(wrong).status_code == 404
