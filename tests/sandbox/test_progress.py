from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.sandbox import LIFELIKE, STEADY, Fate
from providers.sandbox.books.records import Order, Plan, Refill
from providers.sandbox.documents import DOCUMENTS
from providers.sandbox.shop.catalogue import make_catalogue
from providers.sandbox.shop.plans import make_plan
from providers.sandbox.shop.progress import CANCELING_TAKES, Status, end_of, observe, refill_status

ORDER = Order(
    id=1, service=1, type="Default", link="x", quantity=100, charge=Decimal("2.50000"), parameters={},
    accepted_at=0.0, since=1_000.0,
    plan=Plan(wait=60, preparation=40, pace=0.5, start_count=3572),
)  # fmt: skip

plans = st.builds(
    Plan,
    wait=st.floats(0, 1e4),
    preparation=st.floats(0, 1e4),
    pace=st.floats(0.001, 1e4),
    fate=st.sampled_from([Fate.completed, Fate.partial, Fate.canceled]),
    share=st.floats(0, 1),
    start_count=st.integers(0, 10**6),
)
orders = st.builds(
    lambda plan, quantity, since, cancel: replace(
        ORDER, plan=plan, quantity=quantity, since=since, cancel_asked=None if cancel is None else since + cancel
    ),
    plans,
    st.integers(1, 10**7),
    st.floats(0, 2e9),
    st.none() | st.floats(0, 1e5),
)


def ended(fate: Fate, share: float = 0.5) -> Order:
    return replace(ORDER, plan=replace(ORDER.plan, fate=fate, share=share))


@pytest.mark.parametrize(
    ("moment", "status", "start_count", "remains"),
    [
        (1_000, Status.pending, 0, 100),
        (1_059, Status.pending, 0, 100),
        (1_060, Status.processing, 3572, 100),
        (1_099, Status.processing, 3572, 100),
        (1_100, Status.in_progress, 3572, 100),
        (1_200, Status.in_progress, 3572, 50),
        (1_299, Status.in_progress, 3572, 1),
        (1_300, Status.completed, 3572, 0),
        (9_999, Status.completed, 3572, 0),
    ],
)
def test_an_order_starts_moves_and_completes(moment: float, status: Status, start_count: int, remains: int) -> None:
    progress = observe(ORDER, moment)
    assert (progress.status, progress.start_count, progress.remains) == (status, start_count, remains)
    assert progress.kept == ORDER.charge


def test_a_partial_order_keeps_the_charge_of_what_it_delivered() -> None:
    progress = observe(ended(Fate.partial, 0.43), 9_999)
    assert (progress.status, progress.remains, progress.kept) == (Status.partial, 57, Decimal("1.07500"))


def test_a_canceled_order_keeps_nothing() -> None:
    progress = observe(ended(Fate.canceled), 9_999)
    assert (progress.status, progress.remains, progress.kept) == (Status.canceled, 100, Decimal(0))


def test_a_partial_order_that_delivered_nothing_is_canceled() -> None:
    assert observe(ended(Fate.partial, 0.001), 9_999).status == Status.canceled


def test_a_surplus_shows_as_negative_remains() -> None:
    assert observe(replace(ORDER, plan=replace(ORDER.plan, surplus=2)), 9_999).remains == -2


def test_a_cancel_takes_effect_a_little_later() -> None:
    asked = replace(ORDER, cancel_asked=1_010.0)
    assert observe(asked, 1_010 + CANCELING_TAKES - 1).status == Status.in_progress
    progress = observe(asked, 1_010 + CANCELING_TAKES)
    assert (progress.status, progress.remains, progress.kept) == (Status.partial, 55, Decimal("1.12500"))


def test_a_cancel_of_what_has_not_begun_gives_everything_back() -> None:
    waiting = replace(ORDER, plan=replace(ORDER.plan, wait=5_000), cancel_asked=1_010.0)
    progress = observe(waiting, 2_000)
    assert (progress.status, progress.remains, progress.start_count, progress.kept) == (
        Status.canceled,
        100,
        0,
        Decimal(0),
    )


def test_an_order_that_completes_first_is_not_canceled() -> None:
    assert observe(replace(ORDER, cancel_asked=1_299.0), 9_999).status == Status.completed


@given(orders, st.floats(0, 1e6), st.floats(0, 1e6))
def test_progress_never_goes_back(order: Order, first: float, second: float) -> None:
    early, late = (observe(order, order.since + moment) for moment in sorted((first, second)))
    assert late.remains <= early.remains
    assert late.kept <= early.kept or not early.is_final
    assert not early.is_final or late == early


@given(orders)
def test_an_order_is_final_from_its_end_on(order: Order) -> None:
    final = observe(order, end_of(order))
    assert final.is_final
    assert 0 <= final.kept <= order.charge
    assert (final.status == Status.completed) == (final.remains == 0)
    assert (final.status == Status.canceled) == (final.remains == order.quantity)


@given(orders, st.floats(0, 1e6))
def test_progress_depends_on_the_order_and_the_time_alone(order: Order, moment: float) -> None:
    assert observe(order, order.since + moment) == observe(replace(order), order.since + moment)


def test_a_refill_waits_is_worked_on_and_ends() -> None:
    refill = Refill(id=1, order=1, accepted_at=0, since=0, takes=1_000)
    assert [refill_status(refill, moment) for moment in (0, 299, 300, 999, 1_000)] == [
        "Pending", "Pending", "In progress", "In progress", "Completed",
    ]  # fmt: skip
    assert refill_status(replace(refill, fate=Fate.rejected), 1_000) == "Rejected"


@pytest.mark.parametrize("slug", sorted(DOCUMENTS))
def test_small_orders_always_complete_within_half_a_minute_of_a_demonstration(slug: str) -> None:
    service = next(iter(make_catalogue(DOCUMENTS[slug]).values()))
    for number in range(200):
        plan = make_plan(
            seed=f"{slug}:{number}", service=service, quantity=100, link="x", fates=LIFELIKE, overdelivers=False
        )
        order = replace(ORDER, plan=plan)
        assert 10 < (end_of(order) - order.since) / 60 < 30
        assert observe(order, end_of(order)).status == Status.completed


def test_a_share_of_large_orders_goes_wrong_when_life_is_imitated() -> None:
    service = next(iter(make_catalogue(DOCUMENTS["smmplus"]).values()))

    def fates(mood: object) -> set[Fate]:
        return {
            make_plan(
                seed=str(number), service=service, quantity=5_000, link="x", fates=mood, overdelivers=False  # type: ignore[arg-type]
            ).fate
            for number in range(400)
        }  # fmt: skip

    assert fates(LIFELIKE) == {Fate.completed, Fate.partial, Fate.canceled}
    assert fates(STEADY) == {Fate.completed}
