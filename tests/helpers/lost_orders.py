"""Lose orders at the sandbox and search for their ids."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from orders.models import (
    Order,
    WindowSearch,
)
from orders.settlement.search_jobs import ask_for_search, run_searches
from providers.models import BalanceReading, Provider, Service
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import send_order


def read_balance(box: Sandbox, provider: Provider) -> None:
    """What a sync of the balance leaves behind."""
    balance = box.panel(provider.dialect).balance
    provider.balance, provider.balance_at = balance, timezone.now()
    provider.save(update_fields=["balance", "balance_at"])
    last = BalanceReading.objects.filter(provider=provider).first()
    if last is None or last.balance != balance:
        BalanceReading.objects.create(provider=provider, balance=balance, currency=provider.currency)


def lose(box: Sandbox, provider: Provider, service: Service, **fields: Any) -> Order:
    """An order that the panel accepted and whose reply was lost."""
    box.panel(provider.dialect).misbehave(Fault.reset_after_accept, action="add", times=1)
    order = send_order(provider, service, **fields)
    assert order.status == "unconfirmed"
    return order


def search_for(order: Order) -> WindowSearch:
    ask_for_search(order)
    run_searches(order.provider)
    return WindowSearch.objects.filter(order=order).latest("id")


def accepted_last(box: Sandbox, slug: str = "smmplus") -> str:
    return str(max(order.id for order in box.ledger.orders(slug)))


def lose_reply(box: Sandbox, provider: Provider, service: Service) -> tuple[Order, str]:
    """An order that the panel accepted and whose reply was lost, and the id it has there."""
    box.panel(provider.dialect).misbehave(Fault.reset_after_accept, action="add", times=1)
    order = send_order(provider, service)
    return order, str(max(one.id for one in box.ledger.orders(provider.dialect)))
