"""Searches and adoptions as the background does them: by a real worker, and by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.models import LedgerEntry, Order, Settlement, WindowSearch
from orders.settlement.adoption import adopt
from orders.settlement.tasks import confirm_adoption, run_searches, search_window, settle_due
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS
from providers.models import BalanceReading, Provider
from providers.sandbox import Sandbox
from providers.sandbox.faults.faults import Fault
from tests.helpers.at_sandbox import join, list_service, pick_service, queue_order
from tests.helpers.makers import make_person, make_provider
from tests.helpers.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(box: Sandbox) -> Provider:
    return join(box, "smmplus")


def lose(box: Sandbox, provider: Provider) -> tuple[Order, str]:
    """Return an order whose reply was lost after one that was answered, and the id it has at the panel."""
    service = list_service(provider, pick_service(box.panel("smmplus")))
    queue_order(service, number=1)
    submission_services.send_due(provider, kinds=[ORDERS])
    box.panel("smmplus").misbehave(Fault.reset_after_accept, action="add", times=1)
    lost = queue_order(service, number=2)
    submission_services.send_due(provider, kinds=[ORDERS])
    lost.refresh_from_db()
    assert lost.status == "unconfirmed"
    return lost, str(max(order.id for order in box.ledger.orders("smmplus")))


def test_a_worker_searches_by_itself_and_confirms_what_a_person_typed(
    box: Sandbox, provider: Provider, start_worker: Callable[..., Any]
) -> None:
    lost, real_id = lose(box, provider)
    start_worker(options=("--with-schedule",))

    def has_searched() -> bool:
        return WindowSearch.objects.filter(order=lost, finished_at__isnull=False).exists()

    wait_until(has_searched, seconds=60)
    assert [found["id"] for found in WindowSearch.objects.filter(order=lost).latest("id").candidates] == [real_id]

    WindowSearch.objects.all().delete()
    adopt(lost, external_id=real_id, by=make_person(), reason="seen on their page")
    wait_until(lambda: Settlement.objects.get().state == Settlement.State.DONE, seconds=60)
    lost.refresh_from_db()
    assert (lost.status, lost.external_id) == ("pending", real_id)


def test_each_task_does_its_work_when_called_for(box: Sandbox, provider: Provider) -> None:
    lost, real_id = lose(box, provider)

    search_window(lost.pk)
    assert WindowSearch.objects.get().candidates[0]["id"] == real_id
    search_window(10**9)
    run_searches(provider.pk)
    run_searches(10**9)
    settle_due()
    assert WindowSearch.objects.count() == 1

    WindowSearch.objects.all().delete()
    made = adopt(lost, external_id=real_id, by=make_person(), reason="seen")
    confirm_adoption(made.pk)
    lost.refresh_from_db()
    assert lost.external_id == real_id


def test_a_search_by_hand_prints_its_figures(box: Sandbox, provider: Provider) -> None:
    _lost, _real_id = lose(box, provider)
    out = StringIO()

    call_command("search_unconfirmed", stdout=out)

    assert out.getvalue().startswith("searches: 1, calls: ")
    assert "found: 1" in out.getvalue()


def test_a_search_by_hand_names_the_provider_that_failed(box: Sandbox, provider: Provider) -> None:
    lose(box, provider)
    box.panel("smmplus").misbehave(Fault.html_502_before_accept)
    errors = StringIO()

    with pytest.raises(CommandError, match="1 of 1 providers failed: smmplus"):
        call_command("search_unconfirmed", stdout=StringIO(), stderr=errors)

    assert errors.getvalue().startswith("smmplus: ")


def test_reconciling_by_hand_recognises_top_ups() -> None:
    provider = make_provider("smmplus")
    now = timezone.now()
    for hours, balance in ((3, 10), (2, 60)):
        at = now - timedelta(hours=hours)
        BalanceReading.objects.create(provider=provider, at=at, balance=Decimal(balance), currency="USD")
    out = StringIO()

    call_command("reconcile", stdout=out)

    assert out.getvalue().strip() == "providers: 1, top ups: 1, packages: 0"
    assert LedgerEntry.objects.get().amount == 50
