"""The pages of mass orders: begin, look at the check, place, watch, stop, download."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from orders.models import MassLine, MassOrder, Order
from orders.roles import ROLES
from panelhub.models import AuditEvent
from providers.models import Service
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
    make_service,
    set_limits,
)
from tests.helpers.mass import LINK, POLL, begin, page_of, place_all, post, take
from tests.helpers.pages import log_in


@pytest.fixture
def service(db: None) -> Service:
    return make_service(make_provider(name="Main", balance=Decimal(1)), external_id="12", name="Followers <b>&")


class TestBegin:
    def test_pasted_lines_are_checked_and_shown_each_with_its_fault(self, as_staff: Client, service: Service) -> None:
        batch = begin(as_staff, f"12|{LINK}1|100\n12|{LINK}2|5\n99|{LINK}3|100\n12|{LINK}1|100", name="Spring")

        page = page_of(as_staff, batch)
        assert "Quantity: 5 is below the minimum of 10." in page
        assert "Main has no service 99." in page
        assert "Line 1 has the same link and service." in page
        assert "Followers &lt;b&gt;&amp;" in page
        assert "Place 1 order" in page
        assert "Include 1 line with a warning" in page
        assert not Order.objects.exists()

    def test_a_file_is_read_and_gives_its_name(self, as_staff: Client, service: Service) -> None:
        file = SimpleUploadedFile("may.csv", f"Service;Link;Quantity\n12;{LINK}1;100\n".encode("utf-16"))

        assert post(as_staff, file=file).status_code == 302
        batch = MassOrder.objects.get()
        assert (batch.name, batch.total, batch.good) == ("may.csv", 1, 1)

    def test_a_workbook_is_read(self, as_staff: Client, service: Service) -> None:
        book, written = Workbook(), io.BytesIO()
        book.worksheets[0].append(["service", "link", "quantity"])
        book.worksheets[0].append([12, f"{LINK}1", 100])
        book.worksheets[0].append([12, f"{LINK}2", "=50+50"])
        book.save(written)

        post(as_staff, file=SimpleUploadedFile("may.xlsx", written.getvalue()))

        assert "“quantity” is a formula" in page_of(as_staff, MassOrder.objects.get())

    def test_the_provider_of_the_form_is_that_of_lines_without_one(self, as_staff: Client, service: Service) -> None:
        make_service(make_provider(name="Other"), external_id="12")

        assert begin(as_staff, f"12|{LINK}1|100").good == 0
        assert begin(as_staff, f"12|{LINK}1|100", provider=service.provider_id).good == 1

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({}, "Paste lines or choose a file."),
            ({"lines": " \n "}, "Paste lines or choose a file."),
            ({"lines": "12|x|1", "file": b"service,link\n"}, "not both"),
            ({"file": b""}, "This file is empty."),
            ({"file": b"link,quantity\na,1\n"}, "The column “service” is missing."),
            ({"file": b"\x89PNG\r\n\x1a\n\x00\x00"}, "CSV UTF-8"),
            ({"file": b"PK\x03\x04nothing"}, "not a readable XLSX file"),
            (
                {"file": b"service,link,quantity\n" + b"12,https://example.com/,100\n" * 100_000},
                "There are 100,000 lines",
            ),
            ({"lines": "12|https://example.com/|100\n" * 100_000}, "There are 100,000 lines"),
            ({"file": b"x" * (11 * 1024 * 1024)}, "This file is too large. The limit is"),
            ({"lines": "x" * (6 * 1024 * 1024)}, "Upload a file instead"),
            ({"lines": "12|x|1", "provider": "999999"}, "Select a valid choice"),
        ],
        ids=lambda value: "" if isinstance(value, dict) else value[:30],
    )
    def test_what_cannot_be_read_is_answered_in_a_sentence_and_leaves_nothing(
        self, as_staff: Client, service: Service, fields: dict[str, Any], sentence: str
    ) -> None:
        if isinstance(fields.get("file"), bytes):
            fields = fields | {"file": SimpleUploadedFile("lines.csv", fields["file"])}

        response = post(as_staff, **fields)

        assert response.status_code in {413, 422}
        assert sentence in response.content.decode()
        assert not MassOrder.objects.exists()
        assert not MassLine.objects.exists()

    def test_what_was_pasted_is_still_there_after_a_refusal(self, as_staff: Client, service: Service) -> None:
        response = post(as_staff, lines=f"12|{LINK}keep|100", provider="x")

        assert f"{LINK}keep" in response.content.decode()

    def test_two_clicks_make_one(self, as_staff: Client, service: Service) -> None:
        token = "3f0e6e0c-6f0b-4c3e-9d0c-6f6b6e6f6d6c"

        first, second = (post(as_staff, lines=f"12|{LINK}1|100", form_token=token) for _click in range(2))

        assert first["Location"] == second["Location"]
        assert MassOrder.objects.count() == 1

    def test_the_check_of_the_form_stands_although_the_body_is_looked_at_first(
        self, staff: Any, service: Service
    ) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(staff, backend="panelhub.security.backends.RoleBackend")

        assert post(client, lines=f"12|{LINK}1|100").status_code == 403
        assert not MassOrder.objects.exists()

    def test_who_may_only_look_is_not_offered_it(self, viewer: Any, service: Service) -> None:
        client = log_in(viewer)

        assert "Check lines" not in client.get(reverse("orders:mass")).content.decode()
        assert post(client, lines=f"12|{LINK}1|100").status_code == 403


class TestPlace:
    def test_places_the_good_lines_and_shows_how_far_it_is(self, as_staff: Client, service: Service) -> None:
        batch = begin(as_staff, f"12|{LINK}1|100\n99|{LINK}2|100\n12|{LINK}3|100")

        assert "Placing the orders. You can leave this page" in take(as_staff, batch, "place")
        assert "data-live=" in page_of(as_staff, batch)
        place_all()

        page = page_of(as_staff, batch)
        assert Order.objects.count() == 2
        assert re.search(r'<progress\s+max="2"\s+value="2"', page)
        assert f"{reverse('orders:list')}?mass={batch.pk}" in page

    def test_warned_lines_go_along_when_it_was_ticked(self, as_staff: Client, service: Service) -> None:
        batch = begin(as_staff, f"12|{LINK}1|100\n12|{LINK}1|100")

        take(as_staff, batch, "place", with_warnings="1")
        place_all()

        assert Order.objects.count() == 2

    def test_the_same_upload_again_is_warned_of_and_needs_a_tick(self, as_staff: Client, service: Service) -> None:
        first = begin(as_staff, f"12|{LINK}1|100")
        take(as_staff, first, "place")
        place_all()
        Order.objects.update(status="completed")
        again = begin(as_staff, f"12|{LINK}1|100")

        assert "These lines were already ordered: mass order #" in page_of(as_staff, again)
        assert f"already ordered in mass order #{first.pk}" in take(as_staff, again, "place")
        take(as_staff, again, "place", despite_twin="1")
        place_all()
        assert Order.objects.count() == 2

    def test_totals_stand_beside_balances(self, as_staff: Client, service: Service) -> None:
        page = page_of(as_staff, begin(as_staff, f"12|{LINK}1|1000\n12|{LINK}2|1000"))

        assert "1.80" in page
        assert "\N{MINUS SIGN}0.80" in page
        assert "too low" in page

    def test_costs_are_shown_to_those_who_may_see_them(self, as_staff: Client, service: Service) -> None:
        assert "0.90" in page_of(as_staff, begin(as_staff, f"12|{LINK}1|1000"))
        client = log_in(make_person("orders.view_massorder", "orders.add_massorder"))

        page = page_of(client, begin(client, f"12|{LINK}1|1000"))

        assert "0.90" not in page
        assert "Expected charge" not in page

    def test_a_spending_limit_is_said_before_anything_is_made(
        self, staff: Any, as_staff: Client, service: Service
    ) -> None:
        set_limits(staff, daily_limit=Decimal("0.5"))
        batch = begin(as_staff, f"12|{LINK}1|1000")

        assert "spending limit" in take(as_staff, batch, "place")
        assert not Order.objects.exists()


class TestWatch:
    @pytest.fixture
    def batch(self, as_staff: Client, service: Service) -> MassOrder:
        batch = begin(as_staff, f"12|{LINK}1|100\n12|{LINK}2|100")
        take(as_staff, batch, "place")
        place_all()
        return batch

    def poll(self, client: Client, batch: MassOrder, rows: str) -> Any:
        return client.get(reverse("orders:mass_detail", args=[batch.pk]), {"rows": rows}, headers=POLL)

    def marks(self, client: Client, batch: MassOrder) -> str:
        page = page_of(client, batch)
        return ",".join(part.split('"')[0] for part in page.split('data-live="')[1:])

    def test_nothing_is_sent_when_nothing_changed(self, as_staff: Client, batch: MassOrder) -> None:
        marks = self.marks(as_staff, batch)

        assert marks.count(":") == 3
        assert self.poll(as_staff, batch, marks).status_code == 204

    def test_a_row_that_changed_finds_its_own_place(self, as_staff: Client, batch: MassOrder) -> None:
        marks = self.marks(as_staff, batch)
        line = batch.lines.get(number=2)
        Order.objects.filter(mass_line=line).update(error="slow today")

        response = self.poll(as_staff, batch, marks)

        assert response["HX-Reswap"] == "none"
        assert f'id="line-{line.pk}"' in response.content.decode()
        assert "slow today" in response.content.decode()
        assert f'id="line-{batch.lines.get(number=1).pk}"' not in response.content.decode()

    def test_the_head_comes_along_when_figures_changed(self, as_staff: Client, batch: MassOrder) -> None:
        marks = self.marks(as_staff, batch)
        Order.objects.update(status="completed")

        response = self.poll(as_staff, batch, marks)

        assert "HX-Reswap" not in response
        assert 'id="batch-live"' in response.content.decode()
        assert "data-live-list" not in response.content.decode()

    def test_marks_that_make_no_sense_do_no_harm(self, as_staff: Client, batch: MassOrder) -> None:
        for marks in ("", "x", "batch", "1:2:3,:,a:b", "99999999999999999999:1"):
            assert self.poll(as_staff, batch, marks).status_code == 200

    @pytest.mark.parametrize(
        ("show", "lines"), [("", 2), ("orders", 2), ("faults", 0), ("warnings", 0), ("nonsense", 2)]
    )
    def test_tabs_show_lines_of_a_kind(self, as_staff: Client, batch: MassOrder, show: str, lines: int) -> None:
        assert page_of(as_staff, batch, show=show).count('id="line-') == lines

    def test_lines_come_in_pages(self, as_staff: Client, service: Service) -> None:
        batch = begin(as_staff, "\n".join(f"12|{LINK}{number}|100" for number in range(120)))

        first = page_of(as_staff, batch)
        assert first.count('id="line-') == 50
        assert "after=50" in first
        assert page_of(as_staff, batch, after="100").count('id="line-') == 20

    def test_the_page_takes_the_same_few_statements_however_many_lines(
        self, as_staff: Client, service: Service, django_assert_max_num_queries: Any
    ) -> None:
        batch = begin(as_staff, "\n".join(f"12|{LINK}{number}|100" for number in range(300)))
        page_of(as_staff, batch)

        with django_assert_max_num_queries(11):
            page_of(as_staff, batch)
        with django_assert_max_num_queries(9):
            self.poll(as_staff, batch, "")


class TestStop:
    @pytest.fixture
    def batch(self, as_staff: Client, service: Service) -> MassOrder:
        batch = begin(as_staff, f"12|{LINK}1|100\n12|{LINK}2|100")
        take(as_staff, batch, "place")
        place_all()
        return batch

    def test_pause_resume_and_withdraw(self, as_staff: Client, batch: MassOrder) -> None:
        assert "Paused. 2 orders are held." in take(as_staff, batch, "pause")
        assert "Resume" in page_of(as_staff, batch)
        assert "Resumed. 2 orders are queued." in take(as_staff, batch, "resume")
        place_all()
        assert "2 orders were stopped" in take(as_staff, batch, "withdraw")
        assert set(Order.objects.values_list("status", flat=True)) == {"withdrawn"}

    def test_a_step_that_came_too_late_is_said_to_be(self, as_staff: Client, batch: MassOrder) -> None:
        assert "This mass order has changed" in take(as_staff, batch, "resume")

    def test_each_step_is_a_post(self, as_staff: Client, batch: MassOrder) -> None:
        for step in ("place", "check", "pause", "resume", "withdraw"):
            assert as_staff.get(reverse(f"orders:mass_{step}", args=[batch.pk])).status_code == 405

    def test_checking_again(self, as_staff: Client, service: Service) -> None:
        batch = begin(as_staff, f"77|{LINK}1|100\n12|{LINK}2|100")
        make_service(service.provider, external_id="77")

        assert "2 of 2 lines are ready" in take(as_staff, batch, "check")


class TestAccess:
    def test_another_persons_needs_the_permission_to_change_them(self, as_staff: Client, service: Service) -> None:
        batch = begin(as_staff, f"12|{LINK}1|100")
        other = log_in(make_person("orders.view_massorder", "orders.add_massorder", "orders.add_order"))

        assert "Place 1 order" not in page_of(other, batch)
        assert other.post(reverse("orders:mass_place", args=[batch.pk])).status_code == 403

    def test_of_providers_that_are_not_granted_is_not_found(self, as_staff: Client, service: Service) -> None:
        batch = begin(as_staff, f"12|{LINK}1|100")
        limited = make_person(*ROLES["manager"])
        grant(limited, make_provider())
        client = log_in(limited)

        for url in (
            reverse("orders:mass_detail", args=[batch.pk]),
            reverse("orders:mass_download", args=[batch.pk]),
        ):
            assert client.get(url).status_code == 404
        assert client.post(reverse("orders:mass_withdraw", args=[batch.pk])).status_code == 404
        assert f"#{batch.pk}" not in client.get(reverse("orders:mass")).content.decode()

    def test_no_one_sees_anything_without_a_login(self, client: Client, db: None) -> None:
        for url in (reverse("orders:mass"), reverse("orders:mass_detail", args=[1])):
            assert client.get(url).status_code == 302


class TestDownload:
    def test_holds_the_result_of_each_line_and_no_formula(
        self, as_staff: Client, as_manager: Client, service: Service
    ) -> None:
        batch = begin(as_staff, f"12|{LINK}1|100\n=cmd()|{LINK}2|100\n12|@ann|100")
        take(as_staff, batch, "place")
        place_all()
        order = Order.objects.earliest("pk")
        Order.objects.filter(pk=order.pk).update(status="rejected", error="=1+1", charge=Decimal("0.09"))

        response: Any = as_manager.get(reverse("orders:mass_download", args=[batch.pk]))

        text = b"".join(response.streaming_content).decode("utf-8-sig")
        rows = [row.split(",") for row in text.splitlines()]
        assert rows[0][:5] == ["line", "provider", "service", "service name", "link"]
        assert rows[1][9:11] == [str(order.pk), "rejected"]
        assert "'=1+1" in rows[1]
        assert rows[1][5] == "100"
        assert rows[3][4] == "'@ann"
        assert "'=cmd()" in text
        assert "0.09" in rows[1]
        assert AuditEvent.objects.filter(action="mass.exported").exists()

    def test_needs_the_permission_to_export(self, as_staff: Client, service: Service) -> None:
        batch = begin(as_staff, f"12|{LINK}1|100")

        assert as_staff.get(reverse("orders:mass_download", args=[batch.pk])).status_code == 403
        assert "Results as CSV" not in page_of(as_staff, batch)


def test_the_list_shows_what_was_begun(as_staff: Client, service: Service) -> None:
    begin(as_staff, f"12|{LINK}1|100\n99|{LINK}1|100", name="<i>May</i>", client_label="Acme")

    page = as_staff.get(reverse("orders:mass")).content.decode()

    assert "&lt;i&gt;May&lt;/i&gt;" in page
    assert "Acme" in page
    assert "checked" in page
