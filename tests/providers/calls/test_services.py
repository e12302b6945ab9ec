"""The one door to a provider: what a call leaves behind, and what may not happen around it."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, transaction
from werkzeug import Response

from panelhub.http.request_id import bound_id
from panelhub.redaction import scrub
from panelhub.settings.logging import JsonFormatter
from providers.calls import circuit_breaker
from providers.calls import services as calls_services
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.calls.services import CallInsideTransaction, account_of, calling
from providers.client.errors import AccountRefused, NotSupported, OrderRefused, Unknown
from providers.dialects import Action
from providers.models import CallCount, CallRecord, CallSlot, Provider
from tests.providers.panels import KEY, PlainPanel

pytestmark = pytest.mark.django_db


def ask_balance(provider: Provider) -> None:
    with calling(provider, Action.balance, priority=CallPriority.POLL) as client:
        client.balance()


def test_a_good_call_is_counted_by_the_hour_and_not_kept(panel: PlainPanel) -> None:
    provider = panel.make_provider()
    for _ in range(3):
        ask_balance(provider)
    count = CallCount.objects.get()
    assert (count.action, count.outcome, count.calls) == ("balance", "ok", 3)
    assert count.seconds > 0
    assert not CallRecord.objects.exists()
    assert Provider.objects.get().last_success_at


def test_a_failed_call_is_kept_in_the_providers_own_words(panel: PlainPanel) -> None:
    panel.answers["balance"] = Response("<html>Bad gateway</html>", status=502)
    with pytest.raises(Unknown):
        ask_balance(panel.make_provider())
    record = CallRecord.objects.get()
    assert (record.action, record.outcome, record.http_status) == ("balance", "Unknown", 502)
    assert "Bad gateway" in record.excerpt
    assert CallCount.objects.get().outcome == "Unknown"


def test_an_echoed_key_is_kept_nowhere(panel: PlainPanel) -> None:
    panel.answers["balance"] = lambda parameters: {"error": f"Unknown error near {parameters['key']}"}
    provider = panel.make_provider()
    for _ in range(3):
        with pytest.raises(Unknown):
            ask_balance(provider)
    provider.refresh_from_db()
    kept = repr([list(CallRecord.objects.values()), provider.last_failure, provider.pause_text])
    assert KEY not in kept
    assert "[hidden]" in kept


def test_a_key_that_was_used_is_struck_out_of_every_log_line(panel: PlainPanel) -> None:
    account_of(panel.make_provider())
    assert KEY not in scrub(f"something printed {KEY} here")


def test_a_refused_account_is_paused(panel: PlainPanel) -> None:
    with pytest.raises(AccountRefused):
        ask_balance(panel.make_provider(api_key="some-other-key-entirely"))
    provider = Provider.objects.get()
    assert (provider.pause_kind, provider.pause_text) == ("bad_key", "Invalid API key")


def test_what_a_dialect_cannot_do_leaves_no_trace_at_the_panel(panel: PlainPanel) -> None:
    provider = panel.make_provider(dialect="smpanelim")
    with pytest.raises(NotSupported), calling(provider, Action.cancel, priority=CallPriority.POLL) as client:
        client.cancel(["1"])
    assert not panel.calls
    assert not CallRecord.objects.exists()


def test_no_call_is_made_inside_a_transaction(panel: PlainPanel) -> None:
    provider = panel.make_provider()
    with transaction.atomic(), pytest.raises(CallInsideTransaction):
        ask_balance(provider)
    assert not panel.calls


def test_an_admitted_call_does_not_wait_again(panel: PlainPanel) -> None:
    provider = panel.make_provider()
    with calling(provider, Action.balance, priority=CallPriority.CLICK, admitted=True) as client:
        client.balance()
    assert not CallSlot.objects.exists()
    assert CallCount.objects.get().calls == 1


def test_a_database_that_fails_after_the_call_does_not_cost_its_answer(
    panel: PlainPanel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError("gone away")

    monkeypatch.setattr(calls_services, "_count", fail)
    monkeypatch.setattr(circuit_breaker, "note_success", fail)
    with (
        caplog.at_level(logging.WARNING),
        calling(panel.make_provider(), Action.balance, priority=CallPriority.POLL) as client,
    ):
        answer = client.balance()
    assert answer.currency == "USD"
    assert "was not counted" in caplog.text


def test_the_account_of_a_sandbox_alone_knows_the_exempt_origin(panel: PlainPanel, settings: object) -> None:
    settings.PANELHUB_SANDBOX_ORIGIN = "http://127.0.0.1:8100"  # type: ignore[attr-defined]
    assert account_of(panel.make_provider(name="real")).exempt_origin == ""
    assert account_of(panel.make_provider(name="box", is_sandbox=True)).exempt_origin == "http://127.0.0.1:8100"
    assert KEY not in repr(account_of(panel.make_provider(name="third")))


def test_a_paid_call_is_kept_whole_with_its_key_masked(panel: PlainPanel) -> None:
    panel.answers["add"] = {"order": 4711}
    token = uuid.uuid4()
    with (
        bound_id("0123456789abcdef"),
        calling(panel.make_provider(), Action.add, priority=CallPriority.CLICK, call=token) as client,
    ):
        client.add({"service": "1", "link": "https://example.com/p", "quantity": "10"})

    record = CallRecord.objects.get()
    assert (record.action, record.outcome, record.http_status, record.is_paid) == ("add", "ok", 200, True)
    assert record.sent == {
        "key": "•••", "action": "add", "service": "1", "link": "https://example.com/p", "quantity": "10",
    }  # fmt: skip
    assert json.loads(record.excerpt) == {"order": 4711}
    assert (record.call, record.request_id) == (token, "0123456789abcdef")
    assert record.size > len(record.excerpt)


def test_a_paid_call_that_failed_is_kept_with_what_went_out(panel: PlainPanel) -> None:
    panel.answers["add"] = lambda parameters: Response(f"<html>{parameters['key']} exploded</html>", status=500)
    with pytest.raises(Unknown), calling(panel.make_provider(), Action.add, priority=CallPriority.CLICK) as client:
        client.add({"service": "1", "link": "https://example.com/p"})

    record = CallRecord.objects.get()
    assert (record.outcome, record.http_status, record.is_paid) == ("Unknown", 500, True)
    assert "exploded" in record.excerpt
    assert KEY not in repr(CallRecord.objects.values().get())
    assert record.sent is not None
    assert record.sent["service"] == "1"


def test_what_a_buyer_handed_over_is_kept_nowhere(panel: PlainPanel) -> None:
    panel.answers["add_product_order"] = lambda parameters: {"order": 5, "note": parameters["require"]}
    provider = panel.make_provider(dialect="smmvna")
    with calling(provider, Action.add_product_order, priority=CallPriority.CLICK) as client:
        client.add_product_order("7", 1, "someone@example.com secret-word")

    kept = repr(CallRecord.objects.values().get())
    assert "secret-word" not in kept
    assert '"order": 5' in CallRecord.objects.get().excerpt


def test_every_failure_and_every_paid_call_is_a_line_in_the_log(
    panel: PlainPanel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    panel.answers["add"] = {"order": 4711}
    panel.answers["balance"] = Response("<html>Bad gateway</html>", status=502)
    provider = panel.make_provider()
    with bound_id("0123456789abcdef"):
        with pytest.raises(Unknown):
            ask_balance(provider)
        with calling(provider, Action.add, priority=CallPriority.CLICK) as client:
            client.add({"service": "1"})

    lines = [
        json.loads(JsonFormatter().format(record)) for record in caplog.records if "provider call" in str(record.msg)
    ]
    assert [(line["action"], line["outcome"], line["request_id"]) for line in lines] == [
        ("balance", "Unknown", "0123456789abcdef"),
        ("add", "ok", "0123456789abcdef"),
    ]
    assert KEY not in repr(lines)


@pytest.mark.parametrize("step", ["_count", "_record", "_log_call"])
def test_no_flaw_of_the_books_costs_the_id_that_was_bought(
    panel: PlainPanel, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(calls_services, step, fail)
    panel.answers["add"] = {"order": 4711}
    with calling(panel.make_provider(), Action.add, priority=CallPriority.CLICK) as client:
        placed = client.add({"service": "1", "link": "https://example.com/p", "quantity": "10"})
    assert placed.order == "4711"


def test_nor_turns_a_refusal_into_a_riddle(panel: PlainPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ValueError("cannot be stored")

    monkeypatch.setattr(calls_services, "_record", fail)
    panel.answers["add"] = {"error": "Incorrect service ID"}
    with pytest.raises(OrderRefused), calling(panel.make_provider(), Action.add, priority=CallPriority.CLICK) as client:
        client.add({"service": "1", "link": "https://example.com/p", "quantity": "10"})


def test_a_read_that_gave_way_is_no_failure_of_the_provider(panel: PlainPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = panel.make_provider()

    @contextmanager
    def hand_to_pool(give_up: Callable[[], None] | None = None, *, is_paid: bool = False) -> Iterator[None]:
        assert give_up is not None
        assert not is_paid
        give_up()
        yield

    monkeypatch.setattr(calls_services, "timed_call", hand_to_pool)
    for _ in range(6):
        with pytest.raises(BudgetExhausted):
            ask_balance(provider)

    provider.refresh_from_db()
    assert not provider.last_failure
    assert provider.breaker_until is None
    assert not CallRecord.objects.exists()
