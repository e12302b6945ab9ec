"""The rule that lets a balance prove a refusal, against panels that round, lag, top up in secret and share accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.accounting.balance_evidence import (
    Move,
    Reading,
    could_be,
    find_finest_step,
    is_big_enough,
    why_not_followed,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
WITHIN = timedelta(minutes=10)
CENT = Decimal("0.01")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def readings(*pairs: tuple[float, str]) -> list[Reading]:
    return [Reading(at(minutes), Decimal(balance)) for minutes, balance in pairs]


def order(minutes: float, amount: str | None) -> Move:
    return Move(at(minutes), None if amount is None else Decimal(amount), is_order=True)


def why(found: list[Reading], moves: list[Move], step: Decimal = CENT, since: float = -1) -> str:
    return why_not_followed(found, moves, step=step, within=WITHIN, since=at(since))


@pytest.mark.parametrize(
    ("balances", "step"),
    [
        (["12.34", "12.3"], "0.01"),
        (["12"], "1"),
        (["12.3000"], "0.1"),
        (["100"], "1"),
        (["0.00012"], "0.00001"),
        ([], "1"),
    ],
)
def test_the_finest_step_a_balance_has_shown(balances: list[str], step: str) -> None:
    assert find_finest_step(map(Decimal, balances)) == Decimal(step)


@pytest.mark.parametrize(
    ("price", "step", "enough"),
    [
        ("0.004", "0.01", False),
        ("0.01", "0.01", False),
        ("0.02", "0.01", True),
        ("0.004", "0.001", True),
        ("1", "1", False),
    ],
)
def test_a_price_must_be_twice_the_finest_step(price: str, step: str, enough: bool) -> None:
    assert is_big_enough(Decimal(price), Decimal(step)) is enough


def test_no_price_is_never_enough() -> None:
    assert not is_big_enough(None, CENT)
    assert not is_big_enough(Decimal(0), CENT)


def test_a_balance_that_follows_an_order() -> None:
    assert why(readings((0, "100"), (10, "95")), [order(5, "5")]) == ""


@pytest.mark.parametrize(
    ("found", "moves", "reason"),
    [
        (readings((0, "100")), [], "not_followed"),
        (readings((0, "100"), (10, "110")), [], "unexplained"),
        (readings((0, "100"), (10, "90")), [order(5, "5")], "unexplained"),
        (readings((0, "100"), (10, "95"), (20, "93")), [order(5, "5")], "unexplained"),
        (readings((0, "100"), (70, "95")), [order(5, "5")], "slow"),
        (readings((0, "100"), (10, "95")), [order(5, None)], "not_followed"),
        (readings((0, "100"), (10, "110")), [Move(at(5), Decimal(-10))], "not_followed"),
        (readings((0, "100.00"), (10, "99.99")), [order(5, "0.01")], "not_followed"),
    ],
)
def test_a_balance_that_does_not(found: list[Reading], moves: list[Move], reason: str) -> None:
    assert why(found, moves) == reason


def test_an_order_placed_while_the_balance_was_read_is_seen_a_reading_later() -> None:
    found = readings((0, "100"), (10, "95"), (20, "88"), (30, "86"))

    assert why(found, [order(5, "5"), order(9.9, "4"), order(15, "3"), order(25, "2")]) == ""


def test_what_lies_long_back_does_not_count_against_it() -> None:
    found = readings((0, "100"), (10, "150"), (20, "145"))

    assert why(found, [order(15, "5")], since=-1) == "unexplained"
    assert why(found, [order(15, "5")], since=30) == ""


@pytest.mark.parametrize(
    ("drop", "price", "others", "fits"),
    [
        ("5", "5", [], True),
        ("5.005", "5", [], True),
        ("8", "5", ["3"], True),
        ("50", "5", [], False),
        ("50", "5", ["3"], False),
        ("4", "5", [], False),
        ("-5", "5", [], False),
        ("0", "5", [], False),
    ],
)
def test_a_later_movement_that_fits(drop: str, price: str, others: list[str], fits: bool) -> None:
    assert could_be(Decimal(drop), Decimal(price), [Decimal(other) for other in others], CENT) is fits


# --- Panels that are not simple ---------------------------------------------------------------------------------------


@dataclass
class Account:
    """An account at a panel, minute by minute: what its owner did, and what the panel's balance showed."""

    rounding: str
    lag: int
    true: Decimal = Decimal(1000)
    minute: int = 0
    due: list[tuple[int, Decimal]] = field(default_factory=list)
    seen: list[Reading] = field(default_factory=list)
    known: list[Move] = field(default_factory=list)

    def shown(self) -> Decimal:
        if self.rounding == "none":
            return self.true
        return self.true.quantize(CENT, ROUND_DOWN if self.rounding == "down" else ROUND_HALF_UP)

    def step(self, minutes: int) -> None:
        for _minute in range(minutes):
            self.minute += 1
            ripe = [charge for when, charge in self.due if when <= self.minute]
            self.due = [one for one in self.due if one[0] > self.minute]
            self.true -= sum(ripe, Decimal(0))
            if self.minute % 5 == 0:
                self.read()

    def read(self) -> None:
        if not self.seen or self.seen[-1].balance != self.shown():
            self.seen.append(Reading(at(self.minute), self.shown()))

    def charge(self, amount: Decimal) -> None:
        if self.lag:
            self.due.append((self.minute + self.lag, amount))
        else:
            self.true -= amount

    def buy(self, amount: Decimal) -> None:
        self.charge(amount)
        self.known.append(Move(at(self.minute), amount, is_order=True))


PRICES = st.sampled_from([Decimal(text) for text in ("0.004", "0.01", "0.015", "0.02", "0.37", "1.25", "5", "12.5")])
EVENTS = st.lists(
    st.tuples(st.sampled_from(["buy", "foreign", "top_up", "refund", "quiet"]), PRICES, st.integers(1, 25)), max_size=12
)


@settings(max_examples=300, deadline=None)
@given(
    rounding=st.sampled_from(["none", "down", "half_up"]),
    lag=st.sampled_from([0, 0, 2, 8, 25, 90]),
    events=EVENTS,
    price=PRICES,
    accepted=st.booleans(),
)
def test_what_was_bought_is_never_proven_refused(
    rounding: str, lag: int, events: list[tuple[str, Decimal, int]], price: Decimal, accepted: bool
) -> None:
    account = Account(rounding, lag)
    account.read()
    for kind, amount, minutes in events:
        if kind == "buy":
            account.buy(amount)
        elif kind == "foreign":
            account.charge(amount)
        elif kind == "top_up":
            account.true += amount * 10
        elif kind == "refund":
            account.true += amount
        account.step(minutes)
    # The call that is refused in unlisted words; two readings after it, as the hub takes them.
    before, sent = account.shown(), account.minute
    history = list(account.seen)
    if accepted:
        account.charge(price)
    account.step(10)
    first = account.shown()
    account.step(10)
    second = account.shown()

    step = find_finest_step([*(one.balance for one in account.seen[-20:]), before])
    proven = (
        is_big_enough(price, step)
        and before == first == second
        and not [one for one in account.seen if one.at > at(sent)]
        and why_not_followed(history, account.known, step=step, within=WITHIN, since=at(-1)) == ""
    )
    if accepted:
        # What the readings cannot show in time shows when the charge comes: the drop that reopens it.
        late = account.lag > 20
        assert not proven or late
        if proven:
            account.step(200)
            assert could_be(second - account.shown(), price, [], step)
