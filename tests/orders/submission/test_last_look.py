"""What is looked at again right before a paid call: the account, the price, the claim; and what a failure leaves."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import F
from django.utils import timezone

from orders.models import Attempt, Order
from orders.placement.services import withdraw_order
from orders.submission import records
from orders.submission import services as submission_services
from orders.submission.call_types import ORDERS
from orders.submission.results import Result
from providers.client.client import PanelClient
from providers.models import Provider, Service
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service, queue_order

if TYPE_CHECKING:
    from providers.sandbox import Panel, Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    return box.panel("smmplus")


@pytest.fixture
def service(box: Sandbox, panel: Panel) -> Service:
    return list_service(join(box, "smmplus"), pick_service(panel))


def send(order: Order) -> submission_services.Sent:
    sent = submission_services.send_due(Provider.objects.get(), kinds=[ORDERS])
    order.refresh_from_db()
    return sent


def happen_during_the_wait(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Let something change while a call waits for its place in the budget."""
    real = submission_services.admission

    @contextmanager
    def wait(provider: Provider, **how: Any) -> Iterator[None]:
        with real(provider, **how):
            change()
            yield

    monkeypatch.setattr(submission_services, "admission", wait)


# --- After the wait for a slot ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"pause_kind": Provider.Pause.NO_FUNDS},
        {"pause_kind": Provider.Pause.BY_HAND},
        {"is_active": False},
        {"breaker_until": timedelta(minutes=5)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_account_that_is_stopped_during_the_wait_gets_no_call(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    order = queue_order(service)
    # Counted from now, not from when the tests were collected: that may be long ago.
    changes = {name: timezone.now() + to if isinstance(to, timedelta) else to for name, to in change.items()}
    happen_during_the_wait(monkeypatch, lambda: Provider.objects.update(**changes))

    sent = send(order)

    assert sent.calls == 0
    assert not calls_of(panel, "add")
    assert order.status == "queued"
    assert not order.attempts.exists()


def test_a_price_that_rises_during_the_wait_holds_the_order(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = queue_order(service)
    happen_during_the_wait(monkeypatch, lambda: Service.objects.update(rate=F("rate") * 3))

    sent = send(order)

    assert (sent.calls, sent.outcomes["held"]) == (0, 1)
    assert not calls_of(panel, "add")
    assert (order.status, order.held_for) == ("held", submission_services.PRICE_JUMP)
    assert "is" in order.error
    assert order.events.get().after == "held"


def test_an_order_withdrawn_during_the_wait_stays_at_home(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = queue_order(service)
    happen_during_the_wait(monkeypatch, lambda: withdraw_order(order, by=None))

    assert send(order).calls == 0
    assert not calls_of(panel, "add")
    assert order.status == "withdrawn"


def test_a_worker_that_is_asked_to_end_during_the_wait_claims_nothing(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = queue_order(service)
    ending: list[bool] = []
    monkeypatch.setattr(submission_services, "is_stopping", lambda: bool(ending))
    happen_during_the_wait(monkeypatch, lambda: ending.append(True))

    assert send(order).calls == 0
    assert not calls_of(panel, "add")
    assert (order.status, order.tries) == ("queued", 0)


def test_without_any_change_the_same_order_goes_out(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = queue_order(service)
    happen_during_the_wait(monkeypatch, lambda: None)

    assert send(order).calls == 1
    assert len(calls_of(panel, "add")) == 1
    assert order.status == "pending"


# --- Each layer of the claim on its own -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["withdrawn", "held", "unconfirmed", "pending", "rejected"])
def test_only_what_is_queued_can_be_claimed(service: Service, status: str) -> None:
    order = queue_order(service)
    Order.objects.update(status=status)

    assert submission_services.claim(ORDERS, service.provider, [order.pk], uuid.uuid4()) == []

    order.refresh_from_db()
    assert (order.status, order.claim, order.tries) == (status, None, 0)
    assert not order.attempts.exists()


@pytest.mark.parametrize(
    "change",
    [{"claim": uuid.uuid4()}, {"status": "unconfirmed"}, {"claimed_at": timezone.now() - timedelta(hours=1)}],
    ids=lambda change: next(iter(change)),
)
def test_a_claim_that_is_lost_after_it_was_taken_sends_nothing(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    order = queue_order(service)
    real = submission_services.claim

    def lose(*args: Any) -> Any:
        rows = real(*args)
        Order.objects.update(**change)
        # What another worker has, or a person has to settle, is not sent by a later turn of this one either.
        monkeypatch.setattr(submission_services, "is_stopping", lambda: True)
        return rows

    monkeypatch.setattr(submission_services, "claim", lose)
    sent = send(order)

    assert sent.calls == 0
    assert not calls_of(panel, "add")
    assert order.attempts.get().outcome == Attempt.Outcome.NOT_SENT


def test_a_claim_is_written_whole_or_not_at_all(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    order = queue_order(service)

    def fail(_rows: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(Attempt.objects, "bulk_create", fail)
    with pytest.raises(MemoryError):
        submission_services.claim(ORDERS, service.provider, [order.pk], uuid.uuid4())

    order.refresh_from_db()
    assert (order.status, order.claim, order.tries) == ("queued", None, 0)


# --- In the middle of the call ----------------------------------------------------------------------------------------


def test_whatever_goes_wrong_after_the_claim_leaves_the_outcome_open(
    panel: Panel, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = queue_order(service)
    real = PanelClient.add

    def buy_and_break(client: PanelClient, payload: Any) -> Any:
        real(client, payload)
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(PanelClient, "add", buy_and_break)
        sent = send(order)

    assert sent.outcomes == {"unknown": 1, "refused": 0, "held": 0}
    assert (order.status, order.error) == ("unconfirmed", "ZeroDivisionError while sending")
    assert sent.trouble == "ZeroDivisionError while sending"
    assert order.attempts.get().finished_at is not None
    send(order)
    assert len(calls_of(panel, "add")) == 1


def test_a_result_is_written_whole_or_not_at_all(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    order = queue_order(service)
    token = uuid.uuid4()
    submission_services.claim(ORDERS, service.provider, [order.pk], token)

    def fail(*_args: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(records, "_write_events", fail)
    with pytest.raises(MemoryError):
        records.record(ORDERS, service.provider, token, [order], {order.pk: Result("accepted", "4711")}, seconds=1.0)

    order.refresh_from_db()
    assert (order.status, order.external_id) == ("sending", None)
    assert order.attempts.get().finished_at is None
