"""Which ids may belong to a lost order, and which of them fits."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Attempt, Order, WindowSearch
from orders.settlement.candidates import why_not_fit
from orders.settlement.evidence import evidence
from orders.settlement.id_search import Prober, run_search
from orders.settlement.id_window import Window, chunks_of, is_number, window_of
from providers.client.types import StatusRow
from tests.helpers.makers import make_provider, make_service


@pytest.mark.parametrize(
    ("window", "runs", "capped"),
    [
        (Window(100, 106), [range(101, 106)], False),
        (Window(100, 101), [], False),
        (Window(100, 321), [range(101, 201), range(201, 301), range(301, 321)], False),
        (Window(100, None), [range(101, 201), range(201, 301), range(301, 401)], True),
        (Window(None, 1000), [range(700, 800), range(800, 900), range(900, 1000)], True),
        (Window(None, None), [], False),
        (Window(0, 10**12, 5 * 10**11), None, True),
    ],
)
def test_a_window_is_cut_into_runs(window: Window, runs: list[range] | None, capped: bool) -> None:
    found, is_capped = chunks_of(window, size=100, most=3)

    assert is_capped is capped
    assert len(found) <= 3
    if runs is None:
        assert any(10**11 * 5 - 200 <= run.start <= 10**11 * 5 + 200 for run in found)
    elif window.lower is None and window.upper is not None:
        assert found[-1].stop == window.upper
        assert sum(len(run) for run in found) >= 200
    else:
        assert found == runs


def test_what_was_polled_already_is_left_out() -> None:
    found, capped = chunks_of(Window(100, 200), size=10, most=20, done=[[101, 150], [160, 169]])

    assert [number for run in found for number in run] == [*range(151, 160), *range(170, 200)]
    assert not capped


@pytest.mark.parametrize(
    ("text", "yes"), [("23501", True), ("0012", False), ("a1", False), ("١٢", False), ("9" * 30, False)]
)
def test_only_plain_numbers_have_neighbours(text: str, yes: bool) -> None:
    assert is_number(text) is yes


@pytest.mark.django_db
def test_the_window_is_bounded_by_our_own_orders_by_time() -> None:
    provider = make_provider("smmplus")
    now = timezone.now()

    def placed(external_id: str | None, minutes: float, **fields: Any) -> Order:
        at = now + timedelta(minutes=minutes)
        status = "pending" if external_id else "unconfirmed"
        order = Order.objects.create(provider=provider, external_id=external_id, status=status, **fields)
        Attempt.objects.create(
            provider=provider,
            order=order,
            action="add",
            started_at=at,
            finished_at=at + timedelta(seconds=1),
            outcome="accepted" if external_id else "unknown",
            http_status=200,
        )
        return order

    placed("90", -30)
    placed("95", -10)
    lost = placed(None, 0)
    placed("107", 10)
    placed("99", 5, adopted=True)
    placed("111", 20)

    assert window_of(lost, evidence(lost)) == Window(95, 107, 101)
    # Right after a slow call the next order's id may be lower than the lost one's.
    assert window_of(lost, evidence(lost), slack=timedelta(minutes=15)).upper == 111


@pytest.mark.django_db
def test_orders_without_tries_bound_a_window_by_when_they_were_made() -> None:
    provider = make_provider("smmplus")
    now = timezone.now()
    Order.objects.create(provider=provider, external_id="50", status="pending", created_at=now - timedelta(hours=1))
    lost = Order.objects.create(provider=provider, status="unconfirmed", claimed_at=now - timedelta(minutes=30))
    Order.objects.create(provider=provider, external_id="60", status="pending", created_at=now)

    window = window_of(lost, evidence(lost))
    assert (window.lower, window.upper) == (50, 60)


@pytest.mark.django_db
def test_no_order_of_ours_means_no_place_to_look() -> None:
    lost = Order.objects.create(provider=make_provider("smmplus"), status="unconfirmed", claimed_at=timezone.now())

    search = run_search(WindowSearch.objects.create(order=lost), Prober(lost.provider))

    assert search.finished_at is not None
    assert search.calls == 0
    assert "No order with a numeric ID was sent before or after, so there is nowhere to search" in search.note


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "fits"),
    [
        (StatusRow("pending", "Pending", charge=Decimal("0.90"), remains=1000), True),
        (StatusRow("pending", "Pending", charge=Decimal("0.9004"), remains=1000), True),
        (StatusRow("pending", "Pending"), True),
        (StatusRow("pending", "Pending", charge=Decimal("0.80")), False),
        (StatusRow("canceled", "Canceled", charge=Decimal(0)), True),
        (StatusRow("canceled", "Canceled", charge=Decimal("5")), False),
        (StatusRow("pending", "Pending", charge=Decimal("0.90"), remains=1001), False),
        (StatusRow("completed", "Completed", charge=Decimal("0.90"), remains=-3), True),
        (StatusRow("pending", "Pending", charge=Decimal("0.90"), currency="TRY"), False),
    ],
)
def test_a_candidate_fits_by_charge_remains_and_currency(row: StatusRow, fits: bool) -> None:
    provider = make_provider("smmplus")
    lost = Order(
        provider=provider,
        service=make_service(provider),
        quantity=1000,
        billed_quantity=1000,
        expected_charge=Decimal("0.90"),
    )

    assert (why_not_fit(lost, row) == "") is fits
