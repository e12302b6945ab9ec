"""Money of all providers at once: each in its own currency, and the sums in the hub's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import ChargeDelta, ExchangeRate, LedgerEntry
from orders.roles import ROLES
from providers.models import BalanceReading
from tests.helpers.makers import grant, make_order, make_person, make_provider
from tests.helpers.pages import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_manager() -> Any:
    return log_in(make_person(*ROLES["manager"]))


def spend(currency: str, charge: str, *, name: str, client: str = "") -> Any:
    """Return a provider whose balance fell from 100 by ``charge`` and one more, topped up by five."""
    provider, now = make_provider(currency=currency, name=name), timezone.now()
    order = make_order(
        provider=provider, status="completed", charge=Decimal(charge), currency=currency, client_label=client
    )
    ChargeDelta.objects.create(provider=provider, order=order, amount=Decimal(charge), currency=currency)
    LedgerEntry.objects.create(provider=provider, kind="top_up", amount=5, created_by=make_person())
    BalanceReading.objects.create(provider=provider, at=now - timedelta(days=40), balance=100)
    BalanceReading.objects.create(provider=provider, at=now, balance=Decimal(104) - Decimal(charge))
    return provider


def test_it_opens_on_all_providers_with_sums_in_the_hubs_currency(as_manager: Any) -> None:
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.1"))
    spend("USD", "10", name="Dollars")
    lira = spend("TRY", "40", name="Liras")
    spend("XXX", "7", name="Unknown")

    page = as_manager.get(reverse("orders:money"))

    rows = {row["name"]: row for row in page.context["accounts"]}
    assert rows["Liras"]["charged"].startswith("40.00")
    assert rows["Liras"]["hub_charged"].startswith("4.00")
    assert rows["Liras"]["difference"].startswith("−1.00")
    assert rows["Liras"]["is_off"]
    assert rows["Unknown"]["hub_charged"] == "–" or "–" in rows["Unknown"]["hub_charged"]
    assert page.context["hub_charged"].startswith("14.00")
    assert page.context["hub_closing"].startswith("100.40")
    assert page.context["without_rate"] == "XXX"
    # A row leads to its provider, for the same days.
    url = rows["Liras"]["url"]
    assert as_manager.get(url).context["provider"] == lira


def test_clients_are_summed_over_all_providers(as_manager: Any) -> None:
    ExchangeRate.objects.create(currency="TRY", rate=Decimal("0.1"))
    spend("USD", "10", name="Dollars", client="Acme")
    spend("TRY", "40", name="Liras", client="Acme")
    spend("USD", "3", name="More", client="")

    page = as_manager.get(reverse("orders:money"))

    assert [(row["label"], row["orders"], row["charged"].split("<")[0]) for row in page.context["clients"]] == [
        ("Acme", "2", "14.00"),
        ("", "1", "3.00"),
    ]
    assert page.context["client_total"]["charged"].startswith("17.00")
    answer = as_manager.get(reverse("orders:money_export", args=["clients", "csv"]))
    assert answer.status_code == 200


def test_a_month_can_be_chosen(as_manager: Any) -> None:
    spend("USD", "10", name="Dollars")

    first = as_manager.get(reverse("orders:money")).context["months"][0]
    page = as_manager.get(first["url"])

    assert page.context["months"][0]["is_shown"]
    assert page.context["hub_charged"].startswith("10.00")
    before = as_manager.get(first["url"]).context["months"][1]
    assert as_manager.get(before["url"]).context["hub_charged"].startswith("0.00")


def test_what_is_hidden_is_in_no_sum_and_statements_are_constant(
    as_manager: Any, django_assert_max_num_queries: Any
) -> None:
    mine = spend("USD", "10", name="Mine")
    for number in range(8):
        spend("USD", "100", name=f"Other {number}")
    reader = make_person("orders.view_ledgerentry", "orders.view_cost")
    grant(reader, mine)

    page = log_in(reader).get(reverse("orders:money"))

    assert [row["name"] for row in page.context["accounts"]] == ["Mine"]
    assert page.context["hub_charged"].startswith("10.00")
    assert "100.00" not in str(page.context["clients"])
    as_manager.get(reverse("orders:money"))
    with django_assert_max_num_queries(12):
        as_manager.get(reverse("orders:money"))
