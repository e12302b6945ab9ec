"""Outcomes written down: what an answer comes to, and that the database takes it in the end."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, OperationalError

from orders.models import Order, Refill
from orders.submission import records, results
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS, REFILLS, Accepted
from providers.client.errors import AccountRefused, Evidence, NotSent, NotSupported, OrderRefused, RateLimited, Unknown
from providers.client.types import RowError
from tests.helpers.makers import make_provider, make_service

if TYPE_CHECKING:
    from providers.models import Provider

pytestmark = pytest.mark.django_db


class Row:
    """As much of a row as the judging of answers looks at."""

    def __init__(self, pk: int) -> None:
        self.pk = pk


def claim(provider: Provider | None = None) -> tuple[Order, uuid.UUID]:
    provider = provider or make_provider()
    order = Order.objects.create(provider=provider, service=make_service(provider), link="https://example.com/p")
    token = uuid.uuid4()
    submission_services.claim(ORDERS, provider, [order.pk], token)
    return order, token


def record(order: Order, token: uuid.UUID, result: results.Result) -> Any:
    written = records.record(ORDERS, order.provider, token, [order], {order.pk: result}, seconds=0.5)
    order.refresh_from_db()
    return written[order.pk]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RateLimited(error="Too many requests"), "postponed"),
        (AccountRefused(error="Not enough funds"), "postponed"),
        (NotSent("refused"), "not_sent"),
        (OrderRefused(error="Bad link"), "refused"),
        (NotSupported("no such action"), "refused"),
        (Unknown("late"), "unknown"),
        (ValueError("a mistake of our own"), "unknown"),
        (MemoryError(), "unknown"),
    ],
)
def test_an_error_is_the_outcome_of_every_row_of_its_call(error: Exception, outcome: str) -> None:
    outcomes = results.results_of([Row(1), Row(2)], {}, error)

    assert {pk: result.outcome for pk, result in outcomes.items()} == {1: outcome, 2: outcome}
    assert all(result.text for result in outcomes.values())


def test_the_words_of_a_mistake_of_our_own_are_not_shown() -> None:
    """They could hold anything, the request among it."""
    (result,) = results.results_of([Row(1)], {}, ValueError("key=sandbox-key")).values()

    assert result.text == "ValueError while sending"


def test_rows_of_a_batch_have_each_their_own_outcome() -> None:
    answers: dict[int, Accepted | RowError] = {
        1: Accepted("77"),
        2: RowError("Order already completed"),
        3: Accepted(None),
    }

    outcomes = results.results_of([Row(1), Row(2), Row(3), Row(4)], answers, None)

    assert [result.outcome for result in outcomes.values()] == ["accepted", "refused", "accepted", "unknown"]
    assert [result.external_id for result in outcomes.values()] == ["77", None, None, None]
    assert outcomes[2].text == "Order already completed"


def test_evidence_is_kept_with_the_try() -> None:
    order, token = claim()
    evidence = Evidence(http_status=502, excerpt="<html>", seen_id="4711", elapsed=1.0)
    (result,) = results.results_of([order], {}, Unknown("The panel failed.", evidence=evidence)).values()

    record(order, token, result)

    attempt = order.attempts.get()
    assert (attempt.http_status, attempt.excerpt, attempt.seen_id) == (502, "<html>", "4711")
    assert (order.status, order.error) == ("unconfirmed", "The panel failed.")


def test_only_the_holder_of_the_token_may_record() -> None:
    order, _token = claim()

    record(order, uuid.uuid4(), results.Result("accepted", "4711"))

    assert (order.status, order.external_id) == ("sending", None)


def test_an_outcome_is_recorded_once() -> None:
    order, token = claim()
    record(order, token, results.Result("accepted", "4711"))
    Order.objects.filter(pk=order.pk).update(status="completed")

    record(order, token, results.Result("accepted", "4711"))

    assert order.status == "completed"
    assert not order.events.filter(kind="warning").exists()


def test_the_longest_id_a_provider_may_give_is_kept() -> None:
    order, token = claim()
    longest = "a" * 100

    record(order, token, results.Result("accepted", longest))

    assert (order.status, order.external_id) == ("pending", longest)


def test_an_id_another_order_has_is_never_placed() -> None:
    provider = make_provider()
    Order.objects.create(provider=provider, external_id="4711", status="completed")
    order, token = claim(provider)

    written = record(order, token, results.Result("accepted", "4711"))

    assert written.outcome == "unknown"
    assert (order.status, order.external_id) == ("unconfirmed", None)
    assert order.attempts.get().seen_id == "4711"


def test_the_same_id_at_another_provider_is_another_order() -> None:
    Order.objects.create(provider=make_provider(), external_id="4711", status="completed")
    order, token = claim()

    record(order, token, results.Result("accepted", "4711"))

    assert order.status == "pending"


def test_a_refill_may_be_accepted_without_an_id() -> None:
    provider = make_provider()
    order = Order.objects.create(provider=provider, external_id="1", status="completed")
    refill = Refill.objects.create(order=order)
    token = uuid.uuid4()
    (row,) = submission_services.claim(REFILLS, provider, [refill.pk], token)

    records.record(REFILLS, provider, token, [row], {refill.pk: results.Result("accepted")}, seconds=0.1)

    refill.refresh_from_db()
    assert (refill.status, refill.external_id) == ("pending", None)
    event = order.events.get()
    assert (event.kind, event.after) == ("refill", "pending")


# --- The database between the call and the record ---------------------------------------------------------------------


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waiting takes no time, but the clock goes on."""
    taken: list[float] = []
    monkeypatch.setattr(records.time, "sleep", taken.append)
    monkeypatch.setattr(records.time, "monotonic", lambda: sum(taken))
    return taken


def fail(monkeypatch: pytest.MonkeyPatch, times: int, error: type[Exception] = OperationalError) -> list[int]:
    real, tries = records._record_once, []

    def record_once(*args: Any, **kwargs: Any) -> None:
        tries.append(1)
        if len(tries) <= times:
            raise error("the database went away")
        real(*args, **kwargs)

    monkeypatch.setattr(records, "_record_once", record_once)
    return tries


@pytest.mark.django_db(transaction=True)
def test_a_database_that_comes_back_gets_the_outcome(monkeypatch: pytest.MonkeyPatch, naps: list[float]) -> None:
    order, token = claim()
    tries = fail(monkeypatch, 4)

    record(order, token, results.Result("accepted", "4711"))

    assert (order.status, order.external_id) == ("pending", "4711")
    assert len(tries) == 5
    assert naps == sorted(naps)
    assert sum(naps) < records.LONGEST_RECORDING


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_away_leaves_the_id_in_the_log_and_the_order_to_the_sweeper(
    monkeypatch: pytest.MonkeyPatch, naps: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    order, token = claim()
    fail(monkeypatch, 1000)

    with caplog.at_level(logging.CRITICAL), pytest.raises(OperationalError):
        records.record(
            ORDERS, order.provider, token, [order], {order.pk: results.Result("accepted", "4711")}, seconds=0.5
        )

    assert "4711" in caplog.text
    assert sum(naps) >= records.LONGEST_RECORDING
    order.refresh_from_db()
    assert order.status == "sending"


@pytest.mark.django_db(transaction=True)
def test_a_conflict_that_is_no_duplicate_does_not_go_round_for_ever(
    monkeypatch: pytest.MonkeyPatch, naps: list[float]
) -> None:
    order, token = claim()
    fail(monkeypatch, 1000, IntegrityError)

    with pytest.raises(IntegrityError):
        records.record(ORDERS, order.provider, token, [order], {order.pk: results.Result("refused")}, seconds=0.5)


@pytest.mark.django_db(transaction=True)
def test_ids_of_a_batch_survive_a_database_that_is_away_while_a_duplicate_is_doubted(
    monkeypatch: pytest.MonkeyPatch, naps: list[float]
) -> None:
    provider, token = make_provider(), uuid.uuid4()
    taken, refused = (
        Refill.objects.create(order=Order.objects.create(provider=provider, status="completed", external_id=number))
        for number in ("1", "2")
    )
    rows = submission_services.claim(REFILLS, provider, [taken.pk, refused.pk], token)
    real, tries = records.doubts.doubt_duplicates, []

    def doubt(*args: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("the database went away")
        return real(*args)

    monkeypatch.setattr(records.doubts, "doubt_duplicates", doubt)
    outcomes = {taken.pk: results.Result("accepted", "71"), refused.pk: results.Result("refused", duplicate=True)}
    records.record(REFILLS, provider, token, rows, outcomes, seconds=0.5)

    assert list(Refill.objects.order_by("pk").values_list("status", "external_id")) == [
        ("pending", "71"),
        ("refused", None),
    ]
    assert naps
