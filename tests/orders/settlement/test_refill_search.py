"""The refills of a lost batch are searched among the provider's ids, and decided about together."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Attempt, Order, Refill, RefillSearch
from orders.settlement import lost_batches, refill_search
from orders.settlement.refill_search import describe_search, is_borne_out, search_refills, window_of_call
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.calls.services import calling
from providers.client.client import PanelClient
from providers.client.errors import OrderRefused, Unknown
from providers.dialects import Action
from providers.models import Provider
from providers.sandbox import Sandbox
from tests.helpers.at_sandbox import join, make_completed
from tests.helpers.makers import make_person

pytestmark = pytest.mark.django_db
SENT = timedelta(minutes=30)


def note_refill(order: Order, *, ago: timedelta, call: uuid.UUID, external_id: str | None = None) -> Refill:
    """Return a refill as one call left it: accepted with its id, or unconfirmed."""
    at = timezone.now() - ago
    status = "pending" if external_id else "unconfirmed"
    row = Refill.objects.create(order=order, status=status, external_id=external_id, claim=call, claimed_at=at)
    outcome = Attempt.Outcome.ACCEPTED if external_id else Attempt.Outcome.UNKNOWN
    Attempt.objects.create(
        call=call,
        provider=order.provider,
        action="refill",
        refill=row,
        started_at=at,
        finished_at=at + timedelta(seconds=1),
        outcome=outcome,
    )
    return row


def refill_there(provider: Provider, order: Order) -> str:
    """Have the panel accept a refill; return its id."""
    with calling(provider, Action.refill, priority=CallPriority.CLICK) as client:
        return str(client.refill(str(order.external_id)).refill)


class Lost:
    """Five completed orders: refills of the first and the last are known, those of three were in a lost batch."""

    def __init__(self, box: Sandbox, *, taken: int) -> None:
        self.provider = join(box, "smmprovider")
        self.orders = make_completed(box, self.provider, 5)
        self.call = uuid.uuid4()
        first, *middle, last = self.orders
        note_refill(first, ago=2 * SENT, call=uuid.uuid4(), external_id=refill_there(self.provider, first))
        self.there = [refill_there(self.provider, order) for order in middle[:taken]]
        for order in middle:
            note_refill(order, ago=SENT, call=self.call)
        note_refill(last, ago=SENT / 2, call=uuid.uuid4(), external_id=refill_there(self.provider, last))

    def search(self) -> RefillSearch:
        """Return the search as it was noted."""
        assert search_refills(self.provider, self.call) is None
        return RefillSearch.objects.get(call=self.call)


@pytest.mark.parametrize(
    ("taken", "says", "fits"),
    [(3, "3 unmatched refills", True), (1, "Only 1", False), (0, "No unmatched refills", False)],
)
def test_the_ids_between_our_own_refills_say_how_many_were_accepted(
    box: Sandbox, taken: int, says: str, fits: bool
) -> None:
    lost = Lost(box, taken=taken)

    search = lost.search()

    assert sorted(search.found) == sorted(lost.there)
    assert not search.is_capped
    assert says in describe_search(search, 3)
    assert is_borne_out(search, 3) is fits
    # Whose refill is which, no one can say: no row gets an id.
    assert not Refill.objects.filter(claim=lost.call, external_id__isnull=False).exists()


def test_what_may_be_a_refill_of_another_batch_bears_out_nothing(box: Sandbox) -> None:
    lost = Lost(box, taken=3)
    Refill.objects.create(order=lost.orders[0], status="unconfirmed", claim=uuid.uuid4())

    assert not is_borne_out(lost.search(), 3)


def test_without_a_refill_of_ours_nothing_is_asked(box: Sandbox) -> None:
    lost = Lost(box, taken=1)
    Attempt.objects.exclude(call=lost.call).delete()
    calls = len(box.ledger.calls("smmprovider"))

    search = lost.search()

    assert "no earlier refill" in describe_search(search, 3)
    assert len(box.ledger.calls("smmprovider")) == calls


def test_what_is_held_is_searched_later(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def hold(*_: Any) -> list[str]:
        raise BudgetExhausted(7, held=True)

    lost = Lost(box, taken=1)
    monkeypatch.setattr(refill_search, "_ask", hold)

    assert search_refills(lost.provider, lost.call) == 7
    assert not RefillSearch.objects.exists()


def test_the_page_shows_it_and_asks_again_when_it_broke_off(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Lost(box, taken=3)
    with monkeypatch.context() as patch:
        patch.setattr(refill_search, "_ask", lambda *_: (_ for _ in ()).throw(Unknown("the connection was reset")))
        assert "stopped" in describe_search(lost.search(), 3)

    lost.search()
    rows = list(lost_batches.rows_of_call(make_person("orders.view_order"), "refill", lost.call))

    context = lost_batches.context_of(rows, slug="refill", user=make_person())
    assert context["search_fits"]
    assert "3 unmatched refills" in context["search"]
    assert window_of_call(lost.provider, lost.call).is_bounded


def test_ids_in_a_call_that_was_refused_as_a_whole_are_not_ruled_out(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise OrderRefused(error="Incorrect refill ID")

    lost = Lost(box, taken=3)
    monkeypatch.setattr(PanelClient, "refill_statuses", refuse)

    search = lost.search()

    assert (search.asked, search.found) == (0, [])
    assert "aren’t ruled out" in describe_search(search, 3)
    assert "likely" not in describe_search(search, 3)
    assert not is_borne_out(search, 3)
