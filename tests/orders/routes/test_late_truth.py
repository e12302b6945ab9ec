"""What providers say late holds what was bought after it, in the same transaction, or flags a second purchase."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders import link_hooks
from orders.accounting.retention import remove_orders
from orders.models import Attempt, BalanceCheck, Chain, Order
from orders.placement.services import approve_order, withdraw_order, withdraw_orders
from orders.routes.late_truth import note_late_purchase
from orders.routes.steps import step_chain
from orders.submission.restore import hold_restored
from tests.helpers.makers import make_person
from tests.helpers.routes import accept, answer, last_of, links_of, make_chain, refuse
from tests.helpers.time_passing import pass_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def rest() -> Chain:
    """A chain whose first order delivered 600 of 1,000, and whose rest is queued."""
    chain = make_chain()
    first = accept(last_of(chain))
    answer(first, "partial", remains=400, charge="0.54")
    pass_time(11)
    answer(first, "partial", remains=400, charge="0.54")
    step_chain(chain.pk)
    assert [link.status for link in links_of(chain)] == ["partial", "queued"]
    return chain


def stands(chain: Chain) -> tuple[str, str, list[str]]:
    chain.refresh_from_db()
    return chain.status, chain.reason, [link.status for link in links_of(chain)]


@pytest.mark.parametrize(
    ("status", "figures"),
    [
        ("in_progress", {"remains": 400}),
        ("partial", {"remains": 300}),
        ("partial", {"remains": 400, "charge": "0.90"}),
        ("completed", {"remains": 0}),
    ],
)
def test_a_rest_that_is_not_sent_yet_is_held(rest: Chain, status: str, figures: dict[str, Any]) -> None:
    answer(links_of(rest)[0], status, **({"charge": "0.54"} | figures))

    assert stands(rest) == ("held", "late_answer", [status, "held"])
    assert last_of(rest).held_for == "late_answer"


def test_a_rest_that_went_on_flags_the_chain(rest: Chain) -> None:
    accept(last_of(rest))

    answer(links_of(rest)[0], "completed", remains=0, charge="0.54")

    assert stands(rest) == ("flagged", "second_purchase", ["completed", "in_progress"])


@pytest.mark.parametrize("ended", ["done", "stopped"])
def test_a_chain_that_ended_is_flagged(rest: Chain, ended: str) -> None:
    answer(accept(last_of(rest)), "completed", remains=0)
    Chain.objects.filter(pk=rest.pk).update(status=ended)

    answer(links_of(rest)[0], "completed", remains=0, charge="0.54")

    assert stands(rest)[:2] == ("flagged", "second_purchase")


def test_what_the_provider_repeats_changes_nothing(rest: Chain) -> None:
    answer(links_of(rest)[0], "partial", remains=400, charge="0.54")

    assert stands(rest) == ("active", "", ["partial", "queued"])


def test_a_listener_that_fails_never_stops_the_record(rest: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(orders: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(link_hooks.listeners, "changed", fail)

    answer(links_of(rest)[0], "in_progress", remains=400, charge="0.54")
    assert stands(rest)[2] == ["in_progress", "queued"]
    monkeypatch.undo()
    step_chain(rest.pk)

    assert stands(rest) == ("held", "late_answer", ["in_progress", "held"])


def test_a_late_id_of_a_withdrawn_order_holds_what_followed() -> None:
    chain = make_chain()
    refuse(last_of(chain))
    step_chain(chain.pk)
    first = links_of(chain)[0]
    Attempt.objects.filter(order=first).update(late_id="77")

    link_hooks.links_changed([first.pk])

    assert stands(chain) == ("held", "late_answer", ["rejected", "held"])


def test_an_order_that_the_balance_reopens_withdraws_what_is_not_sent() -> None:
    chain = make_chain()
    first = last_of(chain)
    attempt = refuse(first, outcome="unknown", problem="")
    BalanceCheck.objects.create(provider=first.provider, order=first, attempt=attempt, state="rejected")
    step_chain(chain.pk)
    assert stands(chain)[2] == ["rejected", "queued"]

    assert note_late_purchase(first)
    Order.objects.filter(pk=first.pk).update(status="unconfirmed")

    assert stands(chain) == ("flagged", "second_purchase", ["unconfirmed", "withdrawn"])


def test_an_order_is_not_reopened_beside_one_that_is_being_sent() -> None:
    chain = make_chain()
    refuse(last_of(chain))
    step_chain(chain.pk)
    Order.objects.filter(pk=last_of(chain).pk).update(status="sending", claim=chain.uid)

    assert not note_late_purchase(links_of(chain)[0])
    assert stands(chain) == ("flagged", "second_purchase", ["rejected", "sending"])


# --- People ---------------------------------------------------------------------------------------------------------


def test_an_approved_order_goes_out_and_its_chain_goes_on(rest: Chain) -> None:
    answer(links_of(rest)[0], "partial", remains=300, charge="0.54")
    held = last_of(rest)

    assert approve_order(held, by=make_person("orders.approve_order"))

    assert stands(rest) == ("active", "", ["partial", "queued"])
    step_chain(rest.pk)
    assert stands(rest) == ("active", "", ["partial", "queued"])


@pytest.mark.parametrize("way", ["one", "many"])
def test_withdrawing_an_order_stops_its_chain_and_frees_the_limit(way: str) -> None:
    chain = make_chain()
    person = make_person("orders.add_order")
    if way == "one":
        assert withdraw_order(last_of(chain), by=person)
    else:
        assert withdraw_orders(Order.objects.all(), ids=[last_of(chain).pk], by=person)

    assert stands(chain) == ("stopped", "", ["withdrawn"])
    assert chain.reserved == 0


def test_withdrawing_too_late_stops_the_chain_and_frees_nothing() -> None:
    chain = make_chain()
    Order.objects.filter(chain=chain).update(status="sending", claim=chain.uid)

    assert not withdraw_order(last_of(chain), by=None)

    assert stands(chain) == ("stopped", "", ["sending"])
    assert chain.reserved == chain.ceiling


def test_no_one_stops_a_chain_that_they_do_not_see() -> None:
    chain = make_chain()

    withdraw_orders(Order.objects.none(), ids=[last_of(chain).pk], by=None)

    assert stands(chain)[0] == "active"


def test_a_restore_holds_every_chain() -> None:
    queued, ended = make_chain(), make_chain(link="https://instagram.com/other")
    refuse(last_of(ended))

    assert hold_restored()["chains"] == 2

    assert stands(queued) == ("held", "restore", ["held"])
    assert stands(ended) == ("held", "restore", ["rejected"])
    assert step_chain(ended.pk) is None


def test_a_chain_that_was_done_is_flagged_when_its_order_reopens() -> None:
    chain = make_chain()
    link = accept(last_of(chain))
    answer(link, "completed", remains=0)
    step_chain(chain.pk)
    assert stands(chain)[0] == "done"

    answer(link, "refunded", remains=1_000, charge="0")

    assert stands(chain)[:2] == ("flagged", "late_answer")


def test_time_alone_writes_nothing(rest: Chain) -> None:
    before = timezone.now()
    step_chain(rest.pk)
    step_chain(rest.pk)

    assert not rest.steps.filter(at__gt=before).exists()


def test_retention_leaves_the_orders_of_a_chain_together(rest: Chain) -> None:
    answer(accept(last_of(rest)), "completed", remains=0)
    pass_time(60 * 24 * 400)

    remove_orders(timezone.now() - timedelta(days=100), 1_000)

    assert len(links_of(rest)) == 2
