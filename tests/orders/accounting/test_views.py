"""The page of money, its exports and its entries."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import ChargeDelta, LedgerEntry, Order
from panelhub.models import AuditEvent
from providers.models import BalanceReading, Provider
from tests.helpers.makers import (
    grant,
    make_person,
    make_provider,
    make_service,
)
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Provider:
    """Return a provider whose balance fell by 3, of which 2 are explained."""
    provider = make_provider("smmplus", name="=Panel")
    now = timezone.now()
    BalanceReading.objects.create(provider=provider, at=now - timedelta(days=1), balance=Decimal(100), currency="USD")
    BalanceReading.objects.create(provider=provider, at=now, balance=Decimal(97), currency="USD")
    order = Order.objects.create(
        provider=provider,
        service=make_service(provider, name="@evil"),
        status="completed",
        external_id="1",
        link="=1+1",
        client_label="+Acme",
        expected_charge=Decimal("1.5"),
        charge=Decimal(2),
        currency="USD",
        billed_quantity=1000,
    )
    ChargeDelta.objects.create(provider=provider, order=order, amount=Decimal(2), currency="USD")
    return provider


def rows_of(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_page_shows_days_differences_and_clients(as_manager: Any, provider: Provider) -> None:
    page = as_manager.get(reverse("orders:money"), {"provider": provider.pk}).content.decode()

    assert "−1.00" in page
    assert "0.50" in page
    assert "+Acme" in page
    assert "@evil" in page


def test_a_period_that_makes_no_sense_is_reported(as_manager: Any, provider: Provider) -> None:
    url = reverse("orders:money")

    assert (
        "The end date is before the start date"
        in as_manager.get(url, {"since": "2026-02-02", "until": "2026-01-01"}).content.decode()
    )
    assert "at most 92 days" in as_manager.get(url, {"since": "2020-01-01", "until": "2026-01-01"}).content.decode()
    assert as_manager.get(url, {"provider": "abc", "since": "x"}).status_code == 200


def test_without_a_provider_there_is_nothing_to_show(as_manager: Any) -> None:
    assert "No provider yet" in as_manager.get(reverse("orders:money")).content.decode()


@pytest.mark.parametrize("table", ["days", "differences", "clients"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_each_table_is_exported_and_the_export_recorded(
    as_manager: Any, provider: Provider, table: str, form: str
) -> None:
    response = as_manager.get(reverse("orders:money_export", args=[table, form]), {"provider": provider.pk})

    assert response.status_code == 200
    assert response["Content-Disposition"].startswith(f'attachment; filename="{table}-Panel-')
    assert b"".join(response.streaming_content)
    assert AuditEvent.objects.get(action="money.exported").summary == f"{table}.{form}"


def test_an_export_is_safe_to_open(as_manager: Any, provider: Provider) -> None:
    header, line = rows_of(
        as_manager.get(reverse("orders:money_export", args=["differences", "csv"]), {"provider": provider.pk})
    )

    found = dict(zip(header, line, strict=True))
    assert found["provider"] == "'=Panel"
    assert found["service"] == "'@evil"
    assert found["link"] == "'=1+1"
    assert found["client"] == "'+Acme"
    assert found["difference"] == "0.5"


def test_a_top_up_is_entered_confirmed_and_deleted_by_permission(
    as_manager: Any, manager: Any, provider: Provider
) -> None:
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    as_manager.post(
        reverse("orders:money_enter"),
        {"provider": provider.pk, "kind": "top_up", "amount": "50.5", "at": at, "text": "invoice 7"},
    )
    entry = LedgerEntry.objects.get()
    assert (entry.amount, entry.created_by, entry.text) == (Decimal("50.5"), manager, "invoice 7")

    recognised = LedgerEntry.objects.create(provider=provider, kind="top_up", amount=Decimal(9), recognised=True)
    assert "to confirm" in as_manager.get(reverse("orders:money"), {"provider": provider.pk}).content.decode()
    as_manager.post(reverse("orders:money_confirm", args=[recognised.pk]))
    recognised.refresh_from_db()
    assert recognised.created_by == manager

    as_manager.post(reverse("orders:money_delete", args=[entry.pk]))
    assert not LedgerEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize(
    ("kind", "amount"), [("top_up", "-5"), ("top_up", "0"), ("adjustment", "x"), ("gift", "5"), ("top_up", "NaN")]
)
def test_an_entry_that_makes_no_sense_is_refused(as_manager: Any, provider: Provider, kind: str, amount: str) -> None:
    as_manager.post(
        reverse("orders:money_enter"),
        {"provider": provider.pk, "kind": kind, "amount": amount, "at": "2026-11-21T10:00", "text": ""},
    )

    assert not LedgerEntry.objects.exists()


def test_staff_without_the_permission_see_no_money(as_staff: Any, provider: Provider) -> None:
    entry = LedgerEntry.objects.create(provider=provider, kind="top_up", amount=Decimal(9), recognised=True)

    assert as_staff.get(reverse("orders:money")).status_code == 403
    assert as_staff.get(reverse("orders:money_export", args=["days", "csv"])).status_code == 403
    for name in ("money_confirm", "money_delete"):
        assert as_staff.post(reverse(f"orders:{name}", args=[entry.pk])).status_code == 403
    assert as_staff.post(reverse("orders:money_enter"), {"provider": provider.pk}).status_code == 403


def test_a_provider_that_is_not_granted_stays_out_of_reach(provider: Provider) -> None:
    mine = make_provider("smmplus")
    person = make_person("orders.view_ledgerentry", "orders.view_cost", "orders.add_ledgerentry", "orders.export_order")
    grant(person, mine)
    client = log_in(person)

    assert "+Acme" not in client.get(reverse("orders:money"), {"provider": provider.pk}).content.decode()
    response = client.post(
        reverse("orders:money_enter"),
        {"provider": provider.pk, "kind": "top_up", "amount": "5", "at": "2026-11-21T10:00"},
    )
    assert response.status_code == 404
    response = client.get(reverse("orders:money_export", args=["clients", "csv"]), {"provider": provider.pk})
    assert response.status_code in {302, 404}


def test_the_page_costs_the_same_however_long_the_period(
    as_manager: Any, provider: Provider, django_assert_max_num_queries: Any
) -> None:
    as_manager.get(reverse("orders:money"))

    with django_assert_max_num_queries(20):
        as_manager.get(reverse("orders:money"), {"since": "2026-09-01", "until": "2026-11-21"})
