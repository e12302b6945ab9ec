"""Rows are kept as long as their kind's setting says, and go in small steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessLog
from django.conf import settings as project_settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import (
    Attempt,
    DailyTotal,
    MassOrder,
    Notice,
    Order,
    OrderEvent,
    ProductOrder,
    Refill,
    Settlement,
)
from orders.statistics.rollups import refresh_totals
from panelhub.audit.retention import TooYoung, remove_old_events
from panelhub.models import AuditEvent
from panelhub.monitoring import retention
from panelhub.monitoring.retention import remove_expired
from panelhub.tasks import tidy
from providers.models import BalanceReading, ServiceChange
from tests.helpers.makers import make_person, make_product, make_service

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLD = NOW - timedelta(days=500)
YOUNG = NOW - timedelta(days=300)
KEEP = 400


def order_of(service: Any, at: Any = OLD, *, ended: Any = None, status: str = "completed", **fields: Any) -> Order:
    order = Order.objects.create(
        provider=service.provider, service=service, status=status, created_at=at, finished_at=ended or at, **fields
    )
    OrderEvent.objects.create(order=order, kind="created", at=at)
    Attempt.objects.create(provider=service.provider, action="add", order=order, started_at=at)
    return order


@pytest.fixture
def service() -> Any:
    return make_service()


@pytest.fixture
def kept_for_a_while(settings: Any) -> None:
    settings.PANELHUB_ORDERS_DAYS = KEEP


def test_by_default_business_is_kept_for_ever_and_diagnostics_for_thirteen_months() -> None:
    days = {
        name.removeprefix("PANELHUB_").removesuffix("_DAYS"): getattr(project_settings, name)
        for name in dir(project_settings)
        if name.startswith("PANELHUB_") and name.endswith("_DAYS")
    }
    assert days == {
        "ORDERS": None,
        "AUDIT": None,
        "CATALOGUE_CHANGES": None,
        "CALL_RECORDS": 396,
        "DIAGNOSTICS": 396,
    }


def test_the_room_for_records_of_calls_is_enough_for_the_days_that_are_promised() -> None:
    record_bytes, orders_a_month, months, share_of_paid = 400, 200_000, 13, 0.75

    assert record_bytes * orders_a_month * months <= project_settings.PANELHUB_CALL_RECORDS_MB * 1e6 * share_of_paid


def test_nothing_of_an_order_goes_unless_that_is_set(service: Any) -> None:
    order_of(service)

    assert "orders" not in remove_expired()
    assert Order.objects.count() == OrderEvent.objects.count() == Attempt.objects.count() == 1


@pytest.mark.usefixtures("kept_for_a_while")
def test_old_orders_go_with_all_that_belongs_to_them(service: Any) -> None:
    old, young = order_of(service), order_of(service, YOUNG)
    refill = Refill.objects.create(order=old, status="completed", created_at=OLD)
    Attempt.objects.create(provider=service.provider, action="refill", refill=refill, started_at=OLD)
    product = make_product()
    ProductOrder.objects.create(
        provider=product.provider, product=product, status="completed", created_at=OLD, finished_at=OLD
    )

    assert remove_expired()["orders"] == 2
    assert list(Order.objects.all()) == [young]
    assert not Refill.objects.exists()
    assert not ProductOrder.objects.exists()
    assert {attempt.order_id for attempt in Attempt.objects.all()} == {young.pk}


@pytest.mark.usefixtures("kept_for_a_while")
@pytest.mark.parametrize(
    "needed",
    [
        "open",
        "unconfirmed",
        "ended late",
        "reopened late",
        "settled",
        "Possible double purchases",
        "open refill",
        "refill settled",
    ],
)
def test_what_a_dispute_or_the_provider_needs_stays(service: Any, needed: str) -> None:
    status = {"open": "in_progress", "unconfirmed": "unconfirmed"}.get(needed, "completed")
    order = order_of(service, status=status, ended=YOUNG if needed == "ended late" else OLD)
    person = make_person()
    of = {"provider": service.provider, "by": person, "reason": "seen"}
    if needed == "reopened late":
        Order.objects.update(reopened_at=YOUNG)
    elif needed == "settled":
        Settlement.objects.create(order=order, **of)
    elif needed == "Possible double purchases":
        Attempt.objects.update(late_id="77")
    elif needed == "open refill":
        Refill.objects.create(order=order, status="pending", created_at=OLD)
    elif needed == "refill settled":
        refill = Refill.objects.create(order=order, status="completed", created_at=OLD)
        Settlement.objects.create(refill=refill, **of)

    remove_expired()

    assert Order.objects.filter(pk=order.pk).exists()


def test_daily_totals_stay_as_they_were(service: Any, settings: Any) -> None:
    order_of(service, charge="1.50")
    refresh_totals()
    settings.PANELHUB_ORDERS_DAYS = KEEP
    before = list(DailyTotal.objects.values_list("day", "orders", "charge"))
    remove_expired()
    late = order_of(service, status="unconfirmed")
    OrderEvent.objects.create(order=late, kind="note")
    refresh_totals()

    assert len(before) == 1
    assert list(DailyTotal.objects.filter(day=before[0][0]).values_list("day", "orders", "charge")) == before


@pytest.mark.usefixtures("kept_for_a_while")
def test_readings_of_balances_go_but_for_the_one_before_what_is_kept(service: Any) -> None:
    for days in (700, 600, 500, 100):
        BalanceReading.objects.create(provider=service.provider, at=NOW - timedelta(days=days), balance=days)

    remove_expired()

    assert sorted(int(reading.balance) for reading in BalanceReading.objects.all()) == [100, 500]


@pytest.mark.usefixtures("kept_for_a_while")
def test_uploads_go_when_none_of_their_orders_is_left(service: Any) -> None:
    gone, kept = (MassOrder.objects.create(created_at=OLD) for _ in range(2))
    order_of(service, mass_order=gone)
    order_of(service, YOUNG, mass_order=kept)

    remove_expired()

    assert list(MassOrder.objects.all()) == [kept]


@pytest.mark.usefixtures("kept_for_a_while")
def test_it_goes_in_small_steps(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 2)
    for _ in range(5):
        order_of(service)
    steps: list[int] = []
    kind = retention._kinds["orders"]

    def remove(before: Any, most: int) -> int:
        assert kind.remove
        steps.append(kind.remove(before, most))
        return steps[-1]

    monkeypatch.setitem(
        retention._kinds, "orders", retention.Retention("orders", "", kind.setting, kind.tables, remove)
    )

    assert remove_expired()["orders"] == 5
    assert steps == [2, 2, 1, 0]


def test_diagnostics_go_after_their_days(settings: Any, service: Any) -> None:
    for at in (OLD, YOUNG):
        AccessLog.objects.create(username="mira", ip_address="192.0.2.1", path_info="/login/", attempt_time=at)
        AccessLog.objects.filter(username="mira", attempt_time__gt=NOW).update(attempt_time=at)
        Notice.objects.create(kind="k", key=str(at), raised_at=at, ended_at=at)
    Notice.objects.create(kind="k", key="open", raised_at=OLD)
    change = ServiceChange.objects.create(provider=service.provider, service=service, kind="rate", at=OLD)

    removed = remove_expired()

    assert removed["diagnostics"] == removed["logins"] == 1
    assert Notice.objects.count() == 2
    assert ServiceChange.objects.filter(pk=change.pk).exists()
    settings.PANELHUB_CATALOGUE_CHANGES_DAYS = 30
    assert remove_expired()["catalogue_changes"] == 1


def may_remove_audit_events() -> bool:
    """Return whether the database's trigger knows of the retention function; SQLite has no trigger."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc LIKE '%%audit_retention%%' FROM pg_proc WHERE proname = 'panelhub_refuse_audit_change'"
        )
        return bool(cursor.fetchone()[0])


def test_audit_events_stay_unless_that_is_set_and_their_removal_is_one_itself(settings: Any) -> None:
    if not may_remove_audit_events():
        pytest.skip("the trigger refuses every removal")
    for at in (OLD, YOUNG):
        AuditEvent.objects.create(action="order.placed", at=at)
    assert "audit" not in remove_expired()

    settings.PANELHUB_AUDIT_DAYS = KEEP
    assert remove_expired()["audit"] == 1
    assert "audit" in remove_expired()
    assert [event.action for event in AuditEvent.objects.order_by("pk")] == ["order.placed", "audit.removed"]
    assert AuditEvent.objects.get(action="audit.removed").data == {"count": 1}


def test_young_audit_events_cannot_be_removed() -> None:
    AuditEvent.objects.create(action="order.placed", at=YOUNG)

    with pytest.raises(TooYoung):
        remove_old_events(NOW)
    assert AuditEvent.objects.count() == 1


@pytest.mark.usefixtures("kept_for_a_while")
def test_the_hourly_tidying_does_it_and_says_how_much(service: Any) -> None:
    from panelhub.models import JobRun

    order_of(service)
    tidy()

    assert JobRun.objects.get(job="tidy").counts["orders"] == 1


def test_the_page_of_jobs_shows_sizes_and_how_long_rows_are_kept(admin_client: Client, service: Any) -> None:
    order_of(service)
    page = admin_client.get(reverse("jobs")).content.decode()

    assert "Storage" in page
    assert "Orders, with their history" in page
    assert "forever" in page
    assert "396 days" in page
