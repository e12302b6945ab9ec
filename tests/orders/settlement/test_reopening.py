"""What the balance confirmed as refused is a possible purchase again when its charge comes late, at the sandbox."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from orders.models import BalanceCheck, Order
from orders.settlement import balance_checks
from orders.submission import services as submission_services
from providers.accounts.balances import sync_balance
from providers.models import Provider, Service
from providers.sandbox import Fault, Panel, Sandbox
from tests.helpers.at_sandbox import join, list_service, pick_service, queue_order
from tests.helpers.conservation import check_conservation
from tests.helpers.time_passing import pass_time

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_quick_wire")]

TWO_HOURS = 7200.0


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("standard")
    panel.balance = 10_000
    return panel


@pytest.fixture
def provider(box: Sandbox, panel: Panel) -> Provider:
    return join(box, "standard")


@pytest.fixture
def service(provider: Provider, panel: Panel) -> Service:
    return list_service(provider, pick_service(panel, refill=True, cancel=True))


def wait(panel: Panel, minutes: float) -> None:
    panel.advance(minutes * 60)
    pass_time(minutes)


def refuse_one(panel: Panel, provider: Provider, service: Service, fault: Fault) -> Order:
    """Return an order that was refused in unlisted words, at an account whose balance follows its orders."""
    sync_balance(provider)
    queue_order(service, number=1)
    submission_services.send_due(provider)
    for minutes in (4, 30):
        wait(panel, minutes)
        sync_balance(provider)
    order = queue_order(service, number=2)
    panel.misbehave(fault, action="add", times=1)
    submission_services.send_due(provider)
    return order


def check(panel: Panel, provider: Provider) -> None:
    for minutes in (1, 10, 11):
        wait(panel, minutes)
        balance_checks.run_checks(provider)


def test_a_refusal_is_confirmed_by_the_sandbox_panels_balance(
    panel: Panel, provider: Provider, service: Service, box: Sandbox
) -> None:
    order = refuse_one(panel, provider, service, Fault.unlisted)

    check(panel, provider)

    order.refresh_from_db()
    assert order.status == "rejected"
    assert "confirmed by the balance" in order.error
    assert check_conservation(box.ledger, [provider], at_rest=True) == []


def test_a_purchase_whose_charge_comes_later_than_the_readings_is_reopened(
    panel: Panel, provider: Provider, service: Service, box: Sandbox
) -> None:
    order = refuse_one(panel, provider, service, Fault.unlisted_after_accept)
    # Until now charges showed at once: nothing in this account's past says that this one will be late.
    panel.misbehave(Fault.balance_lags, action="balance", seconds=TWO_HOURS)
    shown = Order.objects.get(external_id__isnull=False)
    panel.balance -= shown.expected_charge or 0  # the earlier order is charged already
    check(panel, provider)
    order.refresh_from_db()
    assert order.status == "rejected"

    panel.balance += shown.expected_charge or 0
    wait(panel, 150)
    sync_balance(provider)
    call_command("search_unconfirmed")
    balance_checks.run_checks(provider)

    order.refresh_from_db()
    assert order.status == "unconfirmed"
    assert "may have been placed after all" in order.error
    assert BalanceCheck.objects.get(order=order).state == "reopened"
    assert check_conservation(box.ledger, [provider], at_rest=True) == []
