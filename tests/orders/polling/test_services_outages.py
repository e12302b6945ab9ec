"""Status checks of a panel that is down, limits the rate or knows no batches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Order, PollRound
from orders.polling import poll_run, rounds
from orders.polling import services as polling_services
from orders.polling.subjects import ORDERS
from panelhub.encryption import vault
from providers.calls import circuit_breaker
from providers.models import Provider
from providers.sandbox import Fault, Panel
from tests.helpers.at_sandbox import LONG
from tests.helpers.polled_orders import asked_for, put, states_of

pytestmark = pytest.mark.django_db


# --- Outages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [Fault.html_500_before_accept, Fault.close_before_accept, Fault.empty_body, Fault.cut_body, Fault.redirect_302],
)
def test_an_outage_is_neither_halved_nor_repeated(provider: Provider, panel: Panel, fault: Fault) -> None:
    provider.overrides = {"limits": {"multi_status": 5}}
    provider.save()
    orders = put(provider, panel, 50)
    panel.advance(LONG)
    panel.misbehave(fault, action="status")

    synced = polling_services.sync_now(ORDERS, provider)

    assert synced.failure
    assert synced.calls == poll_run.FAILURES_TO_STOP
    assert {len(ids) for ids in asked_for(panel)} <= {5}
    assert states_of(orders) == ["pending"] * 50
    assert not Order.objects.filter(unknown_answers__gt=0).exists()


def test_a_provider_that_is_down_is_called_once(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 250)
    provider.api_url, provider.api_key = "http://127.0.0.1:1/api/v2", "a key for there"
    provider.save()

    synced = polling_services.sync_now(ORDERS, provider)

    assert (synced.calls, synced.asked) == (1, 0)
    assert "refused" in synced.failure


def test_an_outage_is_over_when_it_is_over(provider: Provider, panel: Panel) -> None:
    """What was left behind is polled in the next round, by hand or by the background."""
    provider.overrides = {"limits": {"multi_status": 20}}
    provider.save()
    orders = put(provider, panel, 150)
    panel.advance(LONG)
    rule = panel.misbehave(Fault.html_500_before_accept, action="status")
    assert polling_services.sync_due(ORDERS, provider).failure
    assert PollRound.objects.exclude(started_at=None).exists()
    panel.behave(rule)
    Provider.objects.update(breaker_until=None, failures_in_a_row=0)
    PollRound.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    synced = polling_services.sync_due(ORDERS, provider)

    assert synced.failure == ""
    assert set(states_of(orders)) == {"completed"}
    assert not PollRound.objects.exclude(started_at=None).exists()


def test_a_rate_limit_stops_the_round_and_is_obeyed(provider: Provider, panel: Panel) -> None:
    provider.overrides = {"limits": {"multi_status": 10}}
    provider.save()
    put(provider, panel, 30)
    panel.misbehave(Fault.rate_limited_retry_after, action="status", seconds=300)

    first = polling_services.sync_now(ORDERS, provider)
    second = polling_services.sync_now(ORDERS, provider)

    assert first.calls == 1
    assert "429" in first.failure or "any requests" in first.failure
    assert len(asked_for(panel)) == 1
    assert "The provider requested a pause. Next call at" in second.failure
    assert polling_services.providers_due(ORDERS) == []


def test_a_refused_key_stops_the_round_and_pauses_the_provider(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 250)
    panel.misbehave(Fault.bad_key, action="status")

    synced = polling_services.sync_now(ORDERS, provider)

    assert synced.calls == 1
    assert "Invalid API key" in synced.failure
    provider.refresh_from_db()
    assert provider.pause_kind == "bad_key"
    assert not polling_services.may_be_asked(provider)
    assert polling_services.sync_due(ORDERS, provider) == polling_services.Synced()


def test_a_key_that_cannot_be_read_is_a_failure_like_any_other(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE providers_provider SET api_key = %s", [vault.PREFIX + "0:bm90IG91cnM="])

    synced = polling_services.sync_now(ORDERS, Provider.objects.get())

    assert synced.failure
    assert not asked_for(panel)


@pytest.mark.parametrize(("kind", "asked"), [("no_funds", True), ("by_hand", True), ("maintenance", False)])
def test_pauses_that_are_about_buying_do_not_keep_from_asking(
    provider: Provider, panel: Panel, kind: str, asked: bool
) -> None:
    put(provider, panel, 1)
    circuit_breaker.pause(provider, kind=kind, text="…")
    provider.refresh_from_db()

    assert (polling_services.providers_due(ORDERS) == [provider.pk]) is asked
    assert bool(polling_services.sync_due(ORDERS, provider).asked) is asked


def test_a_provider_that_is_switched_off_is_not_called(provider: Provider, panel: Panel) -> None:
    put(provider, panel, 1)
    provider.is_active = False
    provider.save()

    assert polling_services.providers_due(ORDERS) == []
    assert polling_services.sync_due(ORDERS, provider).calls == 0


# --- Panels that cannot do batches ------------------------------------------------------------------------------------


def test_a_dialect_without_batches_is_polled_one_by_one(provider: Provider, panel: Panel) -> None:
    provider.overrides = {"without": ["multi_status"]}
    provider.save()
    orders = put(provider, panel, 12)
    panel.advance(LONG)

    synced = polling_services.sync_now(ORDERS, provider)

    assert (synced.calls, synced.asked) == (12, 12)
    assert set(states_of(orders)) == {"completed"}


def test_a_panel_that_knows_no_batches_is_polled_one_by_one_for_a_day(provider: Provider, panel: Panel) -> None:
    orders = put(provider, panel, 5)
    panel.advance(LONG)
    panel.misbehave(Fault.refused, action="status", match=lambda params: "orders" in params)
    panel.misbehave(Fault.wrong_container, action="status", match=lambda params: "orders" in params)
    panel.behave(panel.misbehaviour.rules[0])

    polling_services.sync_now(ORDERS, provider)

    assert set(states_of(orders)) == {"completed"}
    poll_round = PollRound.objects.get(tier=rounds.BY_HAND)
    assert poll_round.singly_until is not None
    before = len(asked_for(panel))
    polling_services.sync_now(ORDERS, provider)
    assert [len(ids) for ids in asked_for(panel)[before:]] == [1] * 5
