"""The catalogue as a file: what the filter finds, for people who may export."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from orders.models import ExchangeRate
from orders.roles import ROLES
from panelhub.models import AuditEvent
from tests.helpers.catalogue_pages import measure
from tests.helpers.makers import (
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db
LIST = reverse("providers:services")


class TestExporting:
    @pytest.fixture
    def manager(self) -> Client:
        return log_in(make_person(*ROLES["manager"]))

    def test_the_file_holds_what_the_filter_finds_in_its_order(self, manager: Client) -> None:
        ExchangeRate.objects.create(currency="TRY", day="2026-11-20", rate=Decimal("0.03"))
        dear = make_service(name="=Instagram followers", rate=Decimal(5), external_id="7")
        cheap = make_service(make_provider(currency="TRY"), name="Instagram followers", rate=Decimal(20))
        make_service(name="TikTok views")
        measure(cheap, orders=5, completed=0.8, partial=0.2)

        page = text_of(manager.get(LIST, {"kind": "followers"}))
        link = re.findall(r'href="([^"]+/csv/[^"]*)"', page)[0].replace("&amp;", "&")
        response = manager.get(link)

        rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
        assert [row["Provider ID"] for row in rows] == [cheap.external_id, dear.external_id]
        assert rows[0]["Price in the hub’s currency"] == "0.6"
        assert rows[0]["Exchange rate of"] == "2026-11-20"
        assert rows[0]["Share completed"] == "0.8"
        assert rows[1]["Service"] == "'=Instagram followers"
        assert rows[1]["Measured orders"] == ""
        assert AuditEvent.objects.filter(action="services.exported").count() == 1

    def test_a_workbook_too(self, manager: Client) -> None:
        service = make_service()

        response = manager.get(reverse("providers:services_export", args=["xlsx"]), {"sort": "new"})

        sheet = load_workbook(io.BytesIO(response.getvalue())).active
        assert sheet is not None
        assert [cell.value for cell in sheet["B"]] == ["Provider ID", service.external_id]

    def test_who_may_not_export_is_not_offered_it(self, browser: Client) -> None:
        make_service()

        assert "/export/" not in text_of(browser.get(LIST))
        assert browser.get(reverse("providers:services_export", args=["csv"])).status_code == 403

    def test_there_is_no_other_form(self, manager: Client) -> None:
        assert manager.get(reverse("providers:services_export", args=["pdf"])).status_code == 404

    def test_costs_stay_with_who_may_see_them(self) -> None:
        make_service(rate=Decimal("7.123"))
        seeing = log_in(make_person(*ROLES["viewer"], "orders.export_order", "orders.view_cost"))
        assert b"7.123" in seeing.get(reverse("providers:services_export", args=["csv"])).getvalue()
        person = make_person(*ROLES["viewer"], "orders.export_order")

        response = log_in(person).get(reverse("providers:services_export", args=["csv"]))

        assert b"7.123" not in response.getvalue()

    def test_a_long_file_takes_no_more_statements(self, manager: Client, django_assert_max_num_queries: Any) -> None:
        provider = make_provider()
        for number in range(40):
            make_service(provider, name=f"Instagram followers {number}")
        url = reverse("providers:services_export", args=["csv"])

        with django_assert_max_num_queries(10):
            manager.get(url).getvalue()
