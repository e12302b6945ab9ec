"""What the five documents say each panel can do, and what an account may change of that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from providers.dialects import BATCH, DIALECTS, PAID, Action, ActionSpec, Dialect, capabilities, resolve

PRODUCTS = {
    Action.products,
    Action.add_product_order,
    Action.product_order_status,
    Action.multi_product_order_status,
    Action.result_product,
}


def test_the_documented_panels_and_the_standard_are_there() -> None:
    assert list(DIALECTS) == ["servsmm", "smmplus", "smpanelim", "smmprovider", "smmvna", "standard"]


@pytest.mark.parametrize(
    ("slug", "lacks"),
    [
        ("servsmm", PRODUCTS),
        ("smmplus", PRODUCTS),
        ("smmprovider", PRODUCTS),
        ("standard", PRODUCTS),
        ("smpanelim", PRODUCTS | {Action.multi_refill, Action.multi_refill_status, Action.cancel}),
        ("smmvna", {Action.multi_refill, Action.cancel}),
    ],
)
def test_a_dialect_lacks_what_its_document_lacks(slug: str, lacks: set[Action]) -> None:
    dialect = DIALECTS[slug]

    assert {action for action in Action if not dialect.can(action)} == lacks
    for action in lacks:
        assert dialect.why_not(action).endswith(".")
        with pytest.raises(LookupError, match=r"\.$"):
            dialect.limit(action)


@pytest.mark.parametrize("slug", DIALECTS)
def test_the_multiple_actions_go_by_the_names_of_the_parameter_tables(slug: str) -> None:
    dialect = DIALECTS[slug]
    names = {
        Action.multi_status: ("status", "orders"),
        Action.multi_refill: ("refill", "orders"),
        Action.multi_refill_status: ("refill_status", "refills"),
        Action.cancel: ("cancel", "orders"),
        Action.multi_product_order_status: ("product_order_status", "orders"),
    }

    for action, (name, ids_parameter) in names.items():
        if dialect.can(action):
            assert (dialect.wire_name(action), dialect.ids_parameter(action)) == (name, ids_parameter)
            assert dialect.limit(action) == BATCH


@pytest.mark.parametrize("slug", DIALECTS)
def test_a_single_action_takes_one_id_and_goes_by_its_own_name(slug: str) -> None:
    dialect = DIALECTS[slug]

    for action in dialect.actions:
        if dialect.limit(action) == 1:
            assert dialect.wire_name(action) == action.value


def test_what_else_the_documents_say() -> None:
    assert {
        slug: dialect.requests_per_minute for slug, dialect in DIALECTS.items() if slug != "servsmm"
    } == dict.fromkeys(["smmplus", "smpanelim", "smmprovider", "smmvna", "standard"], 60)
    assert DIALECTS["servsmm"].requests_per_minute == 300
    assert [slug for slug, dialect in DIALECTS.items() if not dialect.reports_currency] == ["smmvna"]
    assert DIALECTS["smmvna"].documented_add == frozenset({"service", "link", "quantity"})
    assert DIALECTS["smmplus"].documented_add == frozenset({"service", "link", "quantity", "runs", "interval"})
    assert DIALECTS["smpanelim"].documented_add == DIALECTS["smmplus"].documented_add
    assert DIALECTS["servsmm"].documented_add is None
    assert not DIALECTS["smpanelim"].actions[Action.multi_status].limit_stated


def test_the_paid_actions() -> None:
    assert {action for action in Action if action.is_paid} == PAID
    assert {action.value for action in PAID} == {"add", "refill", "multi_refill", "cancel", "add_product_order"}


def test_every_action_has_a_label() -> None:
    assert all(action.label for action in Action)
    assert len({action.label for action in Action}) == len(Action)


def test_the_capability_page_has_a_line_for_every_action_with_its_reason() -> None:
    lines = {line.action: line for line in capabilities(DIALECTS["smpanelim"])}

    assert list(lines) == list(Action)
    assert lines[Action.cancel] == (
        Action.cancel,
        "cancel",
        False,
        "The smpanelim.net API document has no cancel action.",
    )
    assert "one by one" in lines[Action.multi_refill].detail
    assert lines[Action.multi_status].detail == "action “status”, no limit stated, we keep to 100 ids a call"
    assert "one id for many orders" in DIALECTS["smmvna"].why_not(Action.multi_refill)
    assert DIALECTS["smmvna"].why_not(Action.add) == ""


def test_no_dialect_can_be_changed_in_place() -> None:
    with pytest.raises(TypeError):
        DIALECTS["extra"] = DIALECTS["standard"]  # type: ignore[index]
    with pytest.raises(TypeError):
        DIALECTS["standard"].actions[Action.products] = ActionSpec(name="products")  # type: ignore[index]
    with pytest.raises(AttributeError):
        DIALECTS["standard"].slug = "other"  # type: ignore[misc]


def test_a_further_panel_is_one_entry() -> None:
    sixth = Dialect(
        slug="sixth",
        title="sixth.example",
        default_url="https://sixth.example/api/v2",
        document="sixth.example document",
        actions={Action.balance: ActionSpec(name="balance")},
    )

    assert sixth.can(Action.balance)
    assert sixth.why_not(Action.add) == "The sixth.example document has no new order action."


# --- Overrides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("overrides", [None, {}])
def test_without_overrides_the_dialect_is_the_documents(overrides: dict[str, Any] | None) -> None:
    resolved = resolve("smmvna", overrides)

    assert replace(resolved, actions=dict(resolved.actions), missing={}, error_words={}) == replace(
        DIALECTS["smmvna"], actions=dict(DIALECTS["smmvna"].actions), missing={}, error_words={}
    )
    assert resolved.missing == DIALECTS["smmvna"].missing


def test_the_names_of_the_headings_can_be_chosen() -> None:
    names = {
        action: DIALECTS["servsmm"].actions[action].other_names[0]
        for action in (Action.multi_status, Action.multi_refill, Action.multi_refill_status)
    }
    assert list(names.values()) == ["multi_status", "multi_refill", "multi_refill_status"]

    resolved = resolve("servsmm", {"actions": {action.value: {"name": name} for action, name in names.items()}})

    assert {action: resolved.wire_name(action) for action in names} == names
    assert resolved.wire_name(Action.status) == "status"
    assert DIALECTS["servsmm"].wire_name(Action.multi_status) == "status"


def test_batches_can_be_made_smaller_and_actions_switched_off() -> None:
    resolved = resolve(
        "standard",
        {
            "limits": {"multi_status": 50},
            "actions": {"cancel": {"limit": 1, "ids_parameter": "order"}},
            "without": ["multi_refill"],
            "errors": {"Kota habis": "no_funds"},
        },
    )

    assert resolved.limit(Action.multi_status) == 50
    assert (resolved.limit(Action.cancel), resolved.ids_parameter(Action.cancel)) == (1, "order")
    assert not resolved.can(Action.multi_refill)
    assert resolved.why_not(Action.multi_refill) == "The multiple refill action is switched off for this account."
    assert resolved.error_words == {"Kota habis": "no_funds"}


@pytest.mark.parametrize(
    ("slug", "overrides", "sentence"),
    [
        ("nosuch", {}, "no dialect called"),
        ("standard", [], "must be an object"),
        ("standard", {"action": {}}, "know no “action”"),
        ("standard", {"actions": []}, "must be an object"),
        ("standard", {"actions": {"fly": {}}}, "no action called “fly”"),
        ("standard", {"actions": {"cancel": "cancel"}}, "must be an object"),
        ("standard", {"actions": {"cancel": {"colour": 1}}}, "knows no “colour”"),
        ("standard", {"actions": {"cancel": {"name": ""}}}, "no action name"),
        ("standard", {"actions": {"cancel": {"name": "a b"}}}, "no action name"),
        ("standard", {"actions": {"cancel": {"name": 7}}}, "no action name"),
        ("standard", {"actions": {"multi_status": {"name": "add"}}}, "the name of another action"),
        ("standard", {"actions": {"balance": {"name": "cancel"}}}, "the name of another action"),
        ("standard", {"actions": {"services": {"name": "status"}}}, "the name of another action"),
        ("standard", {"actions": {"balance": {"ids_parameter": "orders"}}}, "no parameter for the ids"),
        ("standard", {"actions": {"cancel": {"ids_parameter": "key"}}}, "no parameter for the ids"),
        ("standard", {"limits": {"multi_status": 0}}, "whole number from 1 to 100"),
        ("standard", {"limits": {"multi_status": 101}}, "whole number from 1 to 100"),
        ("standard", {"limits": {"multi_status": True}}, "whole number from 1 to 100"),
        ("standard", {"limits": {"multi_status": "50"}}, "whole number from 1 to 100"),
        ("standard", {"limits": {"status": 2}}, "whole number from 1 to 1"),
        ("smpanelim", {"actions": {"cancel": {"name": "cancel"}}}, "has no cancel action. It cannot be changed"),
        ("smmvna", {"limits": {"multi_refill": 5}}, "cannot be told apart"),
        ("standard", {"without": "cancel"}, "must be a list"),
        ("standard", {"without": ["fly"]}, "no action called “fly”"),
        ("standard", {"errors": {"No money": "poor"}}, "An error means one of"),
        ("standard", {"errors": {"  a  ": "no_funds"}}, "at least four characters"),
        ("standard", {"errors": []}, "must be an object"),
    ],
)
def test_a_bad_override_is_refused_with_a_sentence(slug: str, overrides: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        resolve(slug, overrides)

    assert sentence in str(refused.value)
