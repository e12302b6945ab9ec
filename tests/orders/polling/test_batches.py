"""How ids are polled: together, in halves, one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from orders.polling.batches import BAD_IDS_PAID_FOR, ORDER_STATUS, REFILL_STATUS, SINGLES_AT_ONCE, BatchRequest
from providers.calls.rate_limit import CallPriority
from providers.client.errors import (
    AccountRefused,
    NotSent,
    OrderProblem,
    OrderRefused,
    RateLimited,
    Unknown,
    UnknownReason,
)
from providers.client.types import RowError, StatusRow
from tests.helpers.makers import make_provider

if TYPE_CHECKING:
    from providers.models import Provider

pytestmark = pytest.mark.django_db

FINE = StatusRow("completed", "Completed")
IDS = [str(number) for number in range(1, 101)]


class FakePanel:
    """A client whose batches and singles are answered by two functions; notes what was asked."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.singles: list[str] = []
        self.answer_many: Callable[[Sequence[str]], Any] = lambda ids: dict.fromkeys(ids, FINE)
        self.answer_one: Callable[[str], Any] = lambda one: FINE

    def statuses(self, ids: Sequence[str]) -> Any:
        self.batches.append(list(ids))
        return self.answer_many(ids)

    def status(self, one: str) -> Any:
        self.singles.append(one)
        return self.answer_one(one)


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> FakePanel:
    fake = FakePanel()

    @contextmanager
    def answered(*args: Any, **options: Any) -> Iterator[FakePanel]:
        yield fake

    monkeypatch.setattr("orders.polling.batches.calling", answered)
    return fake


@pytest.fixture
def provider() -> Provider:
    return make_provider()


def make_batch_request(provider: Provider, **fields: Any) -> BatchRequest:
    return BatchRequest(provider, ORDER_STATUS, CallPriority.POLL, **fields)


def refuse(*bad: str) -> Callable[[Sequence[str]], Any]:
    """Return the ids that spoil a batch: one with any of them in it is refused as a whole."""

    def answer(ids: Sequence[str]) -> Any:
        if set(ids) & set(bad):
            raise OrderRefused(error="Incorrect order IDs", problem=OrderProblem.order_id)
        return dict.fromkeys(ids, FINE)

    return answer


def test_a_batch_is_one_call(provider: Provider, panel: FakePanel) -> None:
    batch_request = make_batch_request(provider)

    batch_request.ask(IDS)

    assert batch_request.batch == 100
    assert (panel.batches, panel.singles) == ([IDS], [])
    assert batch_request.answers == dict.fromkeys(IDS, FINE)
    assert batch_request.calls == 1


@pytest.mark.parametrize("bad", ["1", "50", "51", "100"])
def test_one_bad_id_among_a_hundred_is_found_in_few_calls(provider: Provider, panel: FakePanel, bad: str) -> None:
    panel.answer_many = refuse(bad)
    batch_request = make_batch_request(provider)

    batch_request.ask(IDS)

    assert batch_request.calls - 1 <= 2 * math.ceil(math.log2(100))
    assert batch_request.poison == {bad}
    assert batch_request.answers.pop(bad) == RowError("Incorrect order IDs")
    assert batch_request.answers == dict.fromkeys([one for one in IDS if one != bad], FINE)
    assert not batch_request.unasked


def test_several_bad_ids_are_all_found(provider: Provider, panel: FakePanel) -> None:
    panel.answer_many = refuse("3", "90")
    batch_request = make_batch_request(provider)

    batch_request.ask(IDS)

    assert batch_request.poison == {"3", "90"}
    assert len(batch_request.answers) == 100


def test_nothing_but_bad_ids_does_not_eat_the_budget(provider: Provider, panel: FakePanel) -> None:
    panel.answer_many = refuse(*IDS)
    batch_request = make_batch_request(provider)

    batch_request.ask(IDS)

    assert batch_request.calls <= 1 + BAD_IDS_PAID_FOR * 14
    assert batch_request.poison
    assert batch_request.unasked | set(batch_request.answers) == set(IDS)
    assert not batch_request.unasked & set(batch_request.answers)


@pytest.mark.parametrize(
    "error",
    [
        NotSent("down"),
        Unknown("late", reason=UnknownReason.timeout),
        Unknown("broken", reason=UnknownReason.unreadable),
        Unknown("500", reason=UnknownReason.server_error),
        RateLimited(error="Too many requests"),
        AccountRefused(error="Invalid API key"),
    ],
)
def test_an_outage_is_not_halved(provider: Provider, panel: FakePanel, error: Exception) -> None:
    def fail(ids: Sequence[str]) -> Any:
        raise error

    panel.answer_many = fail

    with pytest.raises(type(error)):
        make_batch_request(provider).ask(IDS)

    assert len(panel.batches) == 1
    assert not panel.singles


def test_what_was_answered_before_an_outage_is_kept(provider: Provider, panel: FakePanel) -> None:
    def answer(ids: Sequence[str]) -> Any:
        if len(ids) == 100:
            raise OrderRefused(error="Incorrect order IDs")
        if "100" in ids:
            raise Unknown("late", reason=UnknownReason.timeout)
        return dict.fromkeys(ids, FINE)

    panel.answer_many = answer
    batch_request = make_batch_request(provider)

    with pytest.raises(Unknown):
        batch_request.ask(IDS)

    assert set(batch_request.answers) == set(IDS[:50])


@pytest.mark.parametrize(
    "error",
    [
        OrderRefused(error="Incorrect request", problem=OrderProblem.action),
        OrderRefused(error="Missing required parameter: order", problem=OrderProblem.parameter),
        Unknown("a list without ids", reason=UnknownReason.no_answer),
    ],
)
def test_where_batches_do_not_work_ids_are_polled_one_by_one(
    provider: Provider, panel: FakePanel, error: Exception
) -> None:
    def fail(ids: Sequence[str]) -> Any:
        raise error

    panel.answer_many = fail
    batch_request = make_batch_request(provider)

    batch_request.ask(["1", "2", "3"])

    assert batch_request.singly
    assert batch_request.batch == SINGLES_AT_ONCE
    assert panel.singles == ["1", "2", "3"]
    batch_request.ask(["4"])
    assert (len(panel.batches), panel.singles) == (1, ["1", "2", "3", "4"])


def test_where_nothing_works_the_reason_is_raised_and_no_more_calls_are_made(
    provider: Provider, panel: FakePanel
) -> None:
    def fail(ids: Any) -> Any:
        raise OrderRefused(error="Incorrect request", problem=OrderProblem.action)

    panel.answer_many = panel.answer_one = fail
    batch_request = make_batch_request(provider)

    with pytest.raises(OrderRefused):
        batch_request.ask(["1", "2", "3"])

    assert (len(panel.batches), panel.singles, batch_request.answers) == (1, ["1"], {})


def test_a_dialect_without_batches_is_polled_one_by_one(panel: FakePanel) -> None:
    provider = make_provider(overrides={"without": ["multi_status"]})
    panel.answer_one = lambda one: FINE if one != "2" else _refuse_one()
    batch_request = make_batch_request(provider)

    batch_request.ask(["1", "2", "3"])

    assert (panel.batches, panel.singles) == ([], ["1", "2", "3"])
    assert batch_request.answers == {"1": FINE, "2": RowError("Incorrect order ID"), "3": FINE}
    assert not batch_request.poison


def _refuse_one() -> Any:
    raise OrderRefused(error="Incorrect order ID", problem=OrderProblem.order_id)


def test_the_limit_of_the_account_is_kept(panel: FakePanel) -> None:
    provider = make_provider(overrides={"limits": {"multi_status": 20}})

    assert make_batch_request(provider).batch == 20
    assert BatchRequest(make_provider("smpanelim"), REFILL_STATUS, CallPriority.POLL).batch == SINGLES_AT_ONCE


def test_what_is_no_id_is_never_sent(provider: Provider, panel: FakePanel) -> None:
    batch_request = make_batch_request(provider)

    batch_request.ask(["1", " 2", "a,b", "", "0", "3", "3"])

    assert panel.batches == [["1", "3"]]
    assert set(batch_request.answers) == {"1", "3"}
    batch_request.ask(["x y"])
    assert len(panel.batches) == 1
