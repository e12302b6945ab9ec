"""What an answer makes of an order, and what it leaves alone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import statuses
from orders.models import ChargeDelta, Order, OrderEvent
from orders.polling.order_updates import COLUMNS, Applied, apply_statuses, read_rows
from providers.client.types import StatusRow
from providers.models import Provider
from tests.helpers.makers import make_provider
from tests.helpers.order_updates import NOW, apply, history, pending_order, says

pytestmark = pytest.mark.django_db
BEFORE = NOW - timedelta(hours=3)


@pytest.fixture
def provider() -> Provider:
    return make_provider(currency="EUR")


def test_every_figure_that_was_said_is_taken_over(provider: Provider) -> None:
    order = pending_order(provider)

    applied = apply(
        (
            order,
            says("in_progress", "In Progress", charge=Decimal("0.27819"), start_count=3572, remains=-2, currency="USD"),
        )
    )

    assert applied == Applied(changed=1, moved=1, missing=0)
    assert (order.status, order.provider_status) == ("in_progress", "In Progress")
    assert (order.charge, order.currency) == (Decimal("0.27819"), "USD")
    assert (order.start_count, order.remains) == (3572, -2)
    assert order.moved_at == order.started_at == NOW
    assert order.finished_at is None
    assert history(order) == [("state", "pending", "in_progress", "In Progress")]


def test_what_was_not_said_stays(provider: Provider) -> None:
    order = pending_order(provider, charge=Decimal(3), start_count=7, remains=9, currency="TRY")

    apply((order, says("completed")))

    assert (order.charge, order.start_count, order.remains, order.currency) == (Decimal(3), 7, 9, "TRY")


def test_a_missing_currency_is_the_providers(provider: Provider) -> None:
    order = pending_order(provider, currency="")

    apply((order, says("pending", charge=Decimal("1.5"))))

    assert order.currency == "EUR"
    assert list(order.charge_deltas.values_list("amount", "currency")) == [(Decimal("1.5"), "EUR")]


def test_the_same_answer_twice_writes_nothing(provider: Provider) -> None:
    order = pending_order(provider)
    answer = says("in_progress", charge=Decimal("0.1234567891"), start_count=1, remains=2, currency="EUR")
    apply((order, answer))
    order.refresh_from_db()
    before = {name: getattr(order, name) for name in ("moved_at", "charge", "tier")}

    with CaptureQueriesContext(
        connection,
    ) as captured:
        applied = apply((order, answer), now=NOW + timedelta(hours=1))

    assert applied == Applied()
    assert not [query for query in captured if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert before == {name: getattr(order, name) for name in before}
    assert order.events.count() == 1
    assert order.charge_deltas.count() == 1


@pytest.mark.parametrize(
    "charge", ["0.3", "0.1234567890123", "1234567.1234567891", "9999999999999999999.5", "0.0000000001", "-12.34"]
)
def test_an_amount_that_was_kept_is_known_again(provider: Provider, charge: str) -> None:
    order = pending_order(provider)
    apply((order, says("pending", charge=Decimal(charge))))

    assert apply((order, says("pending", charge=Decimal(charge)))) == Applied()


@pytest.mark.parametrize("charge", ["1e25", "99999999999999999999.5"])
def test_an_amount_beyond_all_measure_is_left_out(provider: Provider, charge: str) -> None:
    order = pending_order(provider, charge=Decimal(2))

    apply((order, says("completed", charge=Decimal(charge))))

    assert (order.status, order.charge) == ("completed", Decimal(2))
    assert not order.charge_deltas.exists()


def test_charges_are_kept_as_differences(provider: Provider) -> None:
    order = pending_order(provider)

    apply((order, says("pending", charge=Decimal("1.5"))))
    apply((order, says("partial", charge=Decimal("0.9"))))
    apply((order, says("canceled", charge=Decimal(0))))

    assert [str(delta.amount.normalize()) for delta in order.charge_deltas.all()] == ["1.5", "-0.6", "-0.9"]
    assert {delta.at for delta in order.charge_deltas.all()} == {NOW}
    assert {delta.provider_id for delta in order.charge_deltas.all()} == {provider.pk}


def test_a_charge_in_another_currency_replaces_the_former_one(provider: Provider) -> None:
    order = pending_order(provider, charge=Decimal(2), currency="USD")

    apply((order, says("pending", charge=Decimal(60), currency="TRY")))

    assert list(order.charge_deltas.values_list("amount", "currency")) == [(Decimal(-2), "USD"), (Decimal(60), "TRY")]


def test_an_unknown_word_changes_nothing_but_the_word(provider: Provider) -> None:
    order = pending_order(provider, status="in_progress", provider_status="In progress", remains=5, charge=Decimal(1))

    applied = apply((order, says("unknown", "Paused", remains=0, charge=Decimal(9), children=("1",))))

    assert applied.changed == 1
    assert (order.status, order.provider_status) == ("in_progress", "Paused")
    assert (order.remains, order.charge, order.children) == (5, Decimal(1), [])
    assert order.moved_at is None
    assert history(order) == [("state", "in_progress", "in_progress", "Paused")]
    assert apply((order, says("unknown", "Paused"))) == Applied()


def test_the_first_word_of_a_state_that_stands_is_no_history(provider: Provider) -> None:
    order = pending_order(provider)

    apply((order, says("pending", "Pending")))
    apply((order, says("pending", "Awaiting")))

    assert order.provider_status == "Awaiting"
    assert history(order) == [("state", "pending", "pending", "Awaiting")]


@pytest.mark.parametrize(
    ("before", "after", "started", "finished", "reopened"),
    [
        ("pending", "processing", True, False, False),
        ("pending", "completed", True, True, False),
        ("pending", "canceled", False, True, False),
        ("in_progress", "partial", True, True, False),
        ("completed", "refunded", False, None, True),
        ("completed", "in_progress", True, False, True),
        ("in_progress", "pending", False, False, False),
    ],
)
def test_moments_follow_the_state(
    provider: Provider, before: str, after: str, started: bool, finished: bool | None, reopened: bool
) -> None:
    order = pending_order(provider, status=before, finished_at=BEFORE if before in statuses.FINAL else None)

    apply((order, says(after)))

    assert order.status == after
    assert order.moved_at == NOW
    assert order.started_at == (NOW if started else None)
    assert order.finished_at == (BEFORE if finished is None else NOW if finished else None)
    assert order.reopened_at == (NOW if reopened else None)
    assert history(order) == [("reopened" if reopened else "state", before, after, after)]


def test_an_order_starts_once(provider: Provider) -> None:
    order = pending_order(provider, status="in_progress", started_at=BEFORE)

    apply((order, says("completed")))

    assert order.started_at == BEFORE


@pytest.mark.parametrize(
    ("tier", "status", "answer", "then"),
    [
        (Order.Tier.NEW, "pending", says("in_progress"), Order.Tier.NEW),
        (Order.Tier.RESTING, "pending", says("in_progress"), Order.Tier.MOVING),
        (Order.Tier.SLOW, "in_progress", says("in_progress", remains=4), Order.Tier.MOVING),
        (Order.Tier.SLOW, "in_progress", says("in_progress", start_count=4), Order.Tier.SLOW),
        (Order.Tier.NEW, "pending", says("completed"), Order.Tier.SLOW),
        (Order.Tier.RESTING, "completed", says("in_progress"), Order.Tier.MOVING),
        (Order.Tier.RESTING, "completed", says("refunded"), Order.Tier.SLOW),
    ],
)
def test_what_moves_is_polled_more_often(
    provider: Provider, tier: int, status: str, answer: StatusRow, then: int
) -> None:
    order = pending_order(provider, tier=tier, status=status, provider_status=status)

    apply((order, answer))

    assert order.tier == then


def test_rows_of_a_batch_keep_their_own_figures(provider: Provider) -> None:
    """One statement writes them all, whatever each of them changes."""
    stays = pending_order(
        provider, status="in_progress", provider_status="in_progress", remains=5, tier=Order.Tier.SLOW
    )
    moves = pending_order(
        provider, status="in_progress", provider_status="in_progress", remains=5, tier=Order.Tier.SLOW
    )
    turns = pending_order(provider, remains=8)
    costs = pending_order(
        provider, status="in_progress", provider_status="in_progress", remains=6, tier=Order.Tier.SLOW
    )

    applied = apply(
        (stays, says("in_progress", remains=5)),
        (moves, says("in_progress", remains=4)),
        (turns, says("completed", remains=0, start_count=10)),
        (costs, says("in_progress", charge=Decimal(2), currency="USD")),
    )

    assert applied == Applied(changed=3, moved=1, missing=0)
    assert (stays.moved_at, stays.remains) == (None, 5)
    assert (moves.moved_at, moves.remains, moves.tier, moves.currency) == (NOW, 4, Order.Tier.MOVING, "EUR")
    assert (turns.status, turns.remains, turns.start_count, turns.tier) == ("completed", 0, 10, Order.Tier.SLOW)
    assert (costs.moved_at, costs.charge, costs.currency, costs.tier) == (None, Decimal(2), "USD", Order.Tier.SLOW)
    assert costs.finished_at is None
    assert OrderEvent.objects.count() == 1
    assert ChargeDelta.objects.count() == 1


def test_a_row_that_changed_meanwhile_is_left_to_the_next_round(provider: Provider) -> None:
    """Two workers with the same answer: one writes, and history has it once."""
    order = pending_order(provider)
    rows = read_rows(Order.objects.filter(pk=order.pk))
    answers = {str(order.external_id): says("in_progress", charge=Decimal(1))}

    first = apply_statuses(provider, rows, answers, now=NOW)
    second = apply_statuses(provider, rows, answers, now=NOW)

    assert (first.changed, second.changed) == (1, 0)
    assert order.events.count() == order.charge_deltas.count() == 1


def test_an_older_answer_does_not_undo_what_a_person_settled(provider: Provider) -> None:
    order = pending_order(provider)
    rows = read_rows(Order.objects.filter(pk=order.pk))
    Order.objects.filter(pk=order.pk).update(status="given_up")

    apply_statuses(provider, rows, {str(order.external_id): says("completed")}, now=NOW)

    order.refresh_from_db()
    assert order.status == "given_up"
    assert not order.events.exists()


def test_children_are_kept_and_only_ever_added_to(provider: Provider) -> None:
    order = pending_order(provider)

    apply((order, says("in_progress", children=("11", "12"))))
    apply((order, says("in_progress", children=("12", "13"))))

    assert order.children == ["11", "12", "13"]
    assert apply((order, says("in_progress", children=("13",)))).changed == 0


# --- Statements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orders", [1, 10, 100])
def test_a_batch_takes_the_same_few_statements_whatever_its_size(provider: Provider, orders: int) -> None:
    made = [pending_order(provider) for _number in range(orders)]
    rows = read_rows(Order.objects.all())
    answers = {
        str(order.external_id): says("in_progress", charge=Decimal(place), remains=place, start_count=place)
        for place, order in enumerate(made, start=1)
    }

    with CaptureQueriesContext(connection) as captured:
        applied = apply_statuses(provider, rows, answers, now=NOW)

    written = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert applied.changed == orders
    locks = [statement for statement in written if "FOR NO KEY UPDATE" in statement]
    assert len(written) - len(locks) == 3
    assert len(locks) == (connection.vendor == "postgresql" and orders > 1)
    assert OrderEvent.objects.count() == ChargeDelta.objects.count() == orders


def test_rows_are_read_as_the_columns_say(provider: Provider) -> None:
    pending_order(provider, remains=4)

    (row,) = read_rows(Order.objects.all())

    assert len(row) == len(COLUMNS)
    assert row[COLUMNS.index("remains")] == 4


# SQLite keeps money as a number of 15 digits: differences of a million millions would be half a cent off.
LARGEST_CHARGE = 10**12 if connection.vendor == "postgresql" else 10**9
ANSWERS = st.builds(
    StatusRow,
    status=st.sampled_from([*sorted(statuses.AT_PROVIDER), "unknown"]),
    word=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=100),
    charge=st.none() | st.decimals(-LARGEST_CHARGE, LARGEST_CHARGE, places=10),
    start_count=st.none() | st.integers(-(2**63) + 1, 2**63 - 1),
    remains=st.none() | st.integers(-(2**63) + 1, 2**63 - 1),
    currency=st.none() | st.sampled_from(["USD", "TRY"]),
    children=st.lists(st.sampled_from(["1", "2", "x"]), max_size=3).map(tuple),
)


@settings(max_examples=60)
@given(answers=st.lists(ANSWERS, min_size=1, max_size=6))
def test_whatever_is_answered_charges_add_up_and_history_is_a_chain(answers: list[StatusRow]) -> None:
    order = pending_order(make_provider(name=uuid.uuid4().hex), external_id=uuid.uuid4().hex, currency="USD")
    for answer in answers:
        apply((order, answer))
        assert order.provider_status == answer.word
        if answer.status != "unknown":
            assert order.status == answer.status
            assert answer.remains in (None, order.remains)
        assert apply((order, answer)).changed == 0

    by_currency: dict[str, Decimal] = {}
    for delta in order.charge_deltas.all():
        by_currency[delta.currency] = by_currency.get(delta.currency, Decimal(0)) + delta.amount
    charged = {currency: amount for currency, amount in by_currency.items() if abs(amount) > Decimal("0.001")}
    assert sum(charged.values(), Decimal(0)) == pytest.approx(
        order.charge or Decimal(0), rel=Decimal("1e-12"), abs=Decimal("0.002")
    )
    before = "pending"
    for event in order.events.exclude(kind="warning"):
        assert event.before == before
        before = event.after
    assert before == order.status
    assert timezone.now() > NOW
