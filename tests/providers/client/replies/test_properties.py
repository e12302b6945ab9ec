"""Whatever comes back: nothing crashes, and no id, state or money is read that the panel did not write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers.client.errors import MAX_EXCERPT, NotSent, ProviderError, Unknown
from providers.client.exchange import Failure, RawReply, TransportFailure
from providers.client.outcome import NOT_SENT, Rules, judge
from providers.client.replies import orders as replies_orders
from providers.client.replies.envelope import Reply
from providers.client.replies.json import fold_names
from providers.client.replies.scalars import STORED_DIGITS, read_count, read_id, read_money, storable_money
from providers.client.replies.vocabulary import ORDER_STATES, PRODUCT_STATES, REFILL_STATES, fold_word
from providers.client.sanitize import Scrubber, clean_label, clean_line, clean_text, clean_verbatim
from providers.client.types import (
    UNKNOWN_STATUS,
    CancelAccepted,
    Placed,
    ProductRow,
    ProductStatusRow,
    RefillAccepted,
    RefillStatusRow,
    RowError,
    ServiceRow,
    StatusRow,
)
from providers.dialects import Action
from tests.providers.client.cases import load_cases

KEY = "c4n4ry-key-0123456789abcdef"
ASKED = ("1", "22", "TX1")
NAMES = [
    *("order", "order_id", "id", "Order", "refill", "refill_id", "cancel", "status", "refill_status", "order_status"),
    *("error", "errors", "message", "msg", "success", "data", "orders", "refills", "services", "type", "code"),
    *("charge", "start_count", "remains", "currency", "balance", "rate", "service", "product", "name", "min", "max"),
    *("category", "desc", "result", "note", "refill", "dripfeed", "inventory", *ASKED, " 1", "99"),
]
WORDS = [
    *("Pending", "Completed", "success", "error", "Rejected", "fail", "In progress", "null", "true", "0", "1", "22"),
    *(
        "TX1",
        "Not enough funds",
        "Invalid API key",
        "Too many requests",
        "Bad link",
        "1,234.5",
        "12,50",
        "NaN",
        "1e400",
    ),
    *("", " ", "\x00", "\ud800", "\u202e", "<b>", "&amp;", KEY, "-1", "23501.0", "9" * 30, "Unknown error"),
]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-3, max_value=30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(WORDS),
    st.text(max_size=20),
)
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=6)), inner, max_size=6),
    ),
    max_leaves=25,
)
statuses = st.sampled_from([200, 200, 200, 201, 302, 400, 401, 404, 422, 429, 500, 503])
actions = st.sampled_from(Action)
# What a mangled reply of the corpus looks like: cut, doubled, with bytes put in.
bodies = st.builds(
    lambda body, cut, extra, at: body[:cut] + extra + body[min(at, cut) :],
    st.sampled_from([case.body.encode("utf-8", "surrogatepass") for case in load_cases() if len(case.body) < 2000]),
    st.integers(min_value=0, max_value=2000),
    st.binary(max_size=8),
    st.integers(min_value=0, max_value=2000),
)
MARKS = re.compile(r"[,.]")
SINGLE = {Action.status, Action.refill, Action.refill_status, Action.product_order_status, Action.result_product}


def play(action: Action, status: int, body: bytes, **rules: Any) -> Any:
    """Return the value, or the ProviderError; anything else is a failure of the test."""
    asked = ASKED[:1] if action in SINGLE else ASKED
    try:
        return judge(action, RawReply(status, {}, body), asked=asked, rules=Rules(scrubber=Scrubber([KEY]), **rules))
    except ProviderError as error:
        return error


def values_in(outcome: Any) -> Iterator[Any]:
    """Yield every typed value of an outcome."""
    if type(outcome) is tuple:
        yield from outcome[0]
    elif isinstance(outcome, dict):
        yield from outcome.values()
    elif isinstance(outcome, list):
        yield from outcome
    elif not isinstance(outcome, ProviderError):
        yield outcome


def ids_in(value: Any) -> Iterator[str]:
    """Yield every id of a value that the panel must have written."""
    if isinstance(value, Placed):
        yield value.order
    elif isinstance(value, RefillAccepted) and value.refill is not None:
        yield value.refill
    elif isinstance(value, CancelAccepted) and value.cancel is not None:
        yield value.cancel
    elif isinstance(value, ServiceRow | ProductRow):
        yield value.id
    elif isinstance(value, StatusRow):
        yield from value.children


def money_in(value: Any) -> Iterator[Decimal]:
    """Yield every amount of a value."""
    for name in ("charge", "rate", "balance"):
        if (amount := getattr(value, name, None)) is not None:
            yield amount


def check(action: Action, outcome: Any, text: str) -> None:
    """What must hold of every outcome of every reply."""
    plain = json.dumps(json.loads(text), ensure_ascii=False) if _is_json(text) else text
    if isinstance(outcome, dict):
        assert set(outcome) <= set(ASKED)
    for value in values_in(outcome):
        for found in ids_in(value):
            assert read_id(found) == found
            assert found in text or found in plain
        for amount in money_in(value):
            assert amount.is_finite()
            digits = "".join(map(str, amount.as_tuple().digits)).strip("0")
            assert digits in MARKS.sub("", text)
        if isinstance(value, StatusRow | ProductStatusRow | RefillStatusRow) and value.status != UNKNOWN_STATUS:
            states = {StatusRow: ORDER_STATES, ProductStatusRow: PRODUCT_STATES, RefillStatusRow: REFILL_STATES}
            assert states[type(value)][fold_word(value.word)] == value.status
    if isinstance(outcome, ProviderError):
        assert outcome.__context__ is None
        assert outcome.evidence is not None
        assert len(outcome.evidence.excerpt) <= MAX_EXCERPT
    shown = str(outcome) + (str(outcome.evidence) if isinstance(outcome, ProviderError) else "")
    assert KEY not in shown.lower()
    assert not any(0xD800 <= ord(character) <= 0xDFFF or character == "\0" for character in shown)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


@given(actions, statuses, st.binary(max_size=200))
@example(Action.add, 200, b"\xff\xfe{\x00}\x00")
@example(Action.services, 200, b"[" * 100_000)
@example(Action.status, 200, b'{"a":' * 900 + b"1" + b"}" * 900)
def test_no_bytes_crash_a_reader(action: Action, status: int, body: bytes) -> None:
    check(action, play(action, status, body), body.decode("utf-8", "replace"))


@given(actions, statuses, bodies)
def test_no_mangled_reply_crashes_a_reader_or_invents_anything(action: Action, status: int, body: bytes) -> None:
    check(action, play(action, status, body), body.decode("utf-8", "replace"))


@given(actions, statuses, documents, st.booleans())
def test_no_document_crashes_a_reader_or_invents_anything(
    action: Action, status: int, document: Any, comma: bool
) -> None:
    text = json.dumps(document)
    check(action, play(action, status, text.encode(), decimal_comma=comma, rate_limit_is_unknown=comma), text)


@given(st.sampled_from([action for action in Action if action.is_paid]), documents, st.sampled_from([500, 502, 301]))
def test_a_paid_call_that_failed_at_the_panel_is_never_called_refused(
    action: Action, document: Any, status: int
) -> None:
    outcome = play(action, status, json.dumps(document).encode())

    if isinstance(outcome, ProviderError):
        assert isinstance(outcome, Unknown)
    else:
        assert not any(isinstance(value, RowError) for value in values_in(outcome))


@given(actions, st.sampled_from(Failure), st.binary(max_size=100))
def test_a_failure_is_certain_only_when_nothing_was_sent(action: Action, failure: Failure, partial: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        judge(action, TransportFailure(failure, None, partial), asked=ASKED[:1])

    assert isinstance(caught.value, NotSent) is (failure in NOT_SENT)
    assert isinstance(caught.value, Unknown) is (failure not in NOT_SENT)


@given(st.dictionaries(st.sampled_from(["status", "charge", "start_count", "remains", "currency"]), scalars))
def test_the_short_way_of_a_status_row_comes_to_the_same_as_the_long_one(row: dict[str, Any]) -> None:
    row = json.loads(json.dumps(row), parse_float=Decimal)
    short = replies_orders.read_statuses(Reply(document={"1": row}, asked=("1",)))
    # A name of no meaning forces the long way.
    long = replies_orders.read_statuses(Reply(document={"1": {**row, "zzz": 1}}, asked=("1",)))

    assert short == long


@given(st.one_of(scalars, st.decimals(), st.text("0123456789.,-+eE$ ", max_size=12)))
def test_figures_are_bounded_or_none(value: Any) -> None:
    count = read_count(value)
    assert count is None or abs(count) < 2**63
    for comma in (False, True):
        money = read_money(value, decimal_comma=comma)
        assert money is None or (money.is_finite() and abs(money) < 10**40)
        stored = storable_money(money)
        if stored is not None:
            assert money is not None
            assert len(stored.as_tuple().digits) <= STORED_DIGITS
            assert stored.as_tuple().exponent == -10
            assert abs(stored - money) <= Decimal("5.0000001e-11")
            assert (stored == 0) is (money == 0)


@given(st.decimals(min_value=0, max_value=10**15, places=8))
def test_money_written_plainly_is_read_exactly(amount: Decimal) -> None:
    assert read_money(str(amount)) == amount
    assert read_money(f"{amount:,f}") == amount
    assert read_money(f"${amount:f}") == amount
    assert read_money(f"-{amount:f} USD") == -amount


@given(st.integers(min_value=1, max_value=10**30))
def test_an_id_is_the_same_however_it_is_written(number: int) -> None:
    for written in (number, str(number), f" {number}\n", Decimal(number), f"{number}.0", Decimal(f"{number}.0")):
        assert read_id(written) == str(number)


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_texts_are_clean_and_cut(text: str, limit: int) -> None:
    for clean in (clean_line, clean_label, clean_text, clean_verbatim):
        cleaned = clean(text, limit)
        assert len(cleaned) <= limit
        assert cleaned == cleaned.strip()
        assert not set(cleaned) & set("\0\x07\x1b\ud800\u202e\u2066")
        cleaned.encode()
    assert "\n" not in clean_line(text, limit)


@given(documents)
def test_names_are_folded_once_and_for_all(document: Any) -> None:
    if isinstance(document, dict):
        folded = fold_names(document)
        assert fold_names(folded) == folded
