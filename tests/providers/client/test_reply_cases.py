"""Every reply of the corpus is read as it must be, and judged as certain or not."""

from __future__ import annotations

import pytest

from providers.client.errors import NotSent, Refused, Unknown, UnknownReason
from providers.dialects import Action
from tests.providers.client.cases import Case, describe, load_cases, matches, play

CASES = load_cases()
UNLISTED = frozenset({"made-add-long-error"})
"""Refusals of what buys, in words that no list knows: read as errors, and not certain."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_reply_is_read_as_expected(case: Case) -> None:
    got = describe(play(case))

    assert matches(case.expect, got), got


@pytest.mark.parametrize("case", [case for case in CASES if case.expect_missing], ids=lambda case: case.id)
def test_an_id_that_was_not_answered_is_absent(case: Case) -> None:
    rows = play(case)

    assert set(case.asked) - set(rows) == set(case.expect_missing)


@pytest.mark.parametrize("case", [case for case in CASES if case.ambiguous], ids=lambda case: case.id)
def test_a_call_that_may_have_taken_effect_is_unknown(case: Case) -> None:
    outcome = play(case)

    assert isinstance(outcome, Unknown)
    assert not outcome.is_certain


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if Action(case.action).is_paid and "error" in case.expect and not case.ambiguous and case.id not in UNLISTED
    ],
    ids=lambda case: case.id,
)
def test_a_plain_refusal_of_a_paid_call_is_certain(case: Case) -> None:
    outcome = play(case)

    assert isinstance(outcome, Refused)
    assert outcome.is_certain


@pytest.mark.parametrize("case", [case for case in CASES if case.id in UNLISTED], ids=lambda case: case.id)
def test_an_unlisted_refusal_of_what_buys_is_not_certain(case: Case) -> None:
    outcome = play(case)

    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.unlisted


@pytest.mark.parametrize("case", [case for case in CASES if case.retry_safe], ids=lambda case: case.id)
def test_what_may_be_sent_again_is_certain(case: Case) -> None:
    assert isinstance(play(case), Refused | NotSent)


def test_an_unusable_reply_to_a_paid_action_is_always_unknown() -> None:
    unusable = [case for case in CASES if Action(case.action).is_paid and "unusable" in case.expect]

    assert unusable
    assert all(isinstance(play(case), Unknown) for case in unusable)


def test_an_id_beside_a_broken_reply_is_kept_as_evidence() -> None:
    seen = {case.id: play(case).seen_id for case in CASES if isinstance(play(case), Unknown)}

    assert seen["made-add-php-warning"] == "23501"
    assert seen["made-add-order-and-warning"] == "23501"
    assert seen["made-add-truncated"] == "2350"
    assert seen["made-add-blank"] == ""
    assert seen["made-add-zero"] == ""


def test_children_of_a_parent_order_are_kept() -> None:
    rows = {case.id: play(case) for case in CASES if case.action == "status"}

    assert rows["status-drip-feed"].children == ("9001", "9002", "9003")
    assert rows["status-subscription"].children == ("8801", "8802")
    assert rows["status-on-hold"].children == ()


def test_the_corpus_is_whole() -> None:
    assert len(CASES) == 235
    assert len({case.id for case in CASES}) == 235
    assert {Action(case.action) for case in CASES} >= set(Action) - {
        Action.multi_product_order_status,
    }
