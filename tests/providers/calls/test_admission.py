"""A place in flight is kept from one read to the next, and never longer than it may be."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from providers.calls import admission as door
from providers.calls import circuit_breaker
from providers.calls.admission import KeptPlace, admission
from providers.calls.rate_limit import BudgetExhausted, CallPriority, ensure_rows, hold_budget
from providers.client.errors import NotSent
from providers.models import CallSlot, Provider
from tests.helpers.makers import make_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Provider:
    made = make_provider(requests_per_minute=60_000)
    ensure_rows(made)
    return made


def places_taken() -> int:
    return CallSlot.objects.exclude(holder="").count()


def test_calls_in_a_row_share_a_place(provider: Provider) -> None:
    kept = KeptPlace()
    holders = set()
    for _ in range(3):
        with admission(provider, priority=CallPriority.POLL, kept=kept):
            holders.add(kept.holder)
        assert places_taken() == 1

    assert len(holders) == 1
    kept.leave()
    assert places_taken() == 0


def test_a_place_is_left_after_the_call_in_which_its_time_is_over(provider: Provider, monkeypatch: Any) -> None:
    kept = KeptPlace()
    with admission(provider, priority=CallPriority.POLL, kept=kept):
        monkeypatch.setattr(door, "KEPT_SECONDS", 0.0)

    assert (kept.holder, places_taken()) == ("", 0)


def test_a_place_is_left_when_no_call_may_go_out(provider: Provider) -> None:
    kept = KeptPlace()
    with admission(provider, priority=CallPriority.POLL, kept=kept):
        pass
    hold_budget(provider.pk, 60)

    with pytest.raises(BudgetExhausted) as refused, admission(provider, priority=CallPriority.POLL, kept=kept):
        pass

    assert refused.value.held
    assert places_taken() == 0


def test_an_answer_from_before_a_failure_does_not_close_the_breaker(provider: Provider) -> None:
    answered = timezone.now()
    for _ in range(3):
        circuit_breaker.note_failure(provider, NotSent("refused"), paid=False)

    circuit_breaker.note_success(provider, paid=False, at=answered)

    provider.refresh_from_db()
    assert provider.breaker_until is not None
    assert provider.failures_in_a_row == 3
