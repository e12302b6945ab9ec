"""Every documented reply of every panel, down to the types of its JSON values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from providers.dialects import DIALECTS, Action
from providers.sandbox import Fate, Sandbox
from providers.sandbox.documents import DOCUMENTS, Text
from tests.sandbox.calling import LINK, Buyer

BuyerAt = Callable[[str], Buyer]

ALL = sorted(DOCUMENTS)
WITH_REFILL_LISTS = ["servsmm", "smmplus", "smmprovider", "standard"]
WITH_CURRENCY = [slug for slug in ALL if slug != "smmvna"]


def types_of(row: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in row.items()}


@pytest.mark.parametrize("slug", ALL)
def test_catalogue_rows_have_the_documented_keys_and_types(buyer_at: BuyerAt, slug: str) -> None:
    flags = {"refill": bool} if slug in {"smpanelim", "smmvna"} else {"refill": bool, "cancel": bool}
    expected = {"service": int, "name": str, "type": str, "category": str, "rate": str, "min": str, "max": str}
    rows = buyer_at(slug).ask("services")
    assert len(rows) > 200
    assert all(list(types_of(row).items()) == list({**expected, **flags}.items()) for row in rows)


@pytest.mark.parametrize("slug", ALL)
def test_add_answers_a_number_and_nothing_else(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    reply = buyer.ask("add", service=buyer.service().id, link=LINK, quantity=100)
    assert types_of(reply) == {"order": int}


@pytest.mark.parametrize("slug", WITH_CURRENCY)
def test_status_is_all_strings(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    reply = buyer.ask("status", order=buyer.buy().id)
    assert types_of(reply) == dict.fromkeys(("charge", "start_count", "status", "remains", "currency"), str)


def test_smmvna_names_no_currency_in_a_status(buyer_at: BuyerAt) -> None:
    buyer = buyer_at("smmvna")
    order = buyer.buy()
    expected = ["charge", "start_count", "status", "remains"]
    assert list(buyer.ask("status", order=order.id)) == expected
    assert list(buyer.ask("status", orders=str(order.id))[str(order.id)]) == expected


@pytest.mark.parametrize("slug", ALL)
def test_statuses_are_keyed_by_id_and_a_refusal_is_a_row(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    order = buyer.buy()
    reply = buyer.ask("status", orders=f"{order.id},{order.id + 1},x y")
    assert list(reply) == [str(order.id), str(order.id + 1), "x y"]
    assert reply[str(order.id)] == buyer.ask("status", order=order.id)
    assert reply[str(order.id + 1)] == reply["x y"] == {"error": "Incorrect order ID"}


@pytest.mark.parametrize("slug", ALL)
def test_one_id_in_orders_is_still_keyed(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    order = buyer.buy()
    assert list(buyer.ask("status", orders=order.id)) == [str(order.id)]


@pytest.mark.parametrize("slug", ALL)
def test_a_single_refill_answers_text(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    order = buyer.buy_completed(buyer.service(refill=True))
    assert types_of(buyer.ask("refill", order=order.id)) == {"refill": str}


@pytest.mark.parametrize("slug", WITH_REFILL_LISTS)
def test_several_refills_answer_numbers_in_a_list(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    order = buyer.buy_completed(buyer.service(refill=True))
    rows = buyer.ask("refill", orders=f"{order.id},3")
    refill = next(iter(buyer.panel.books.refills))
    assert rows == [
        {"order": order.id, "refill": refill},
        {"order": 3, "refill": {"error": "Incorrect order ID"}},
    ]


def test_smmvna_answers_one_number_for_several_refills(buyer_at: BuyerAt) -> None:
    buyer = buyer_at("smmvna")
    service = buyer.service(refill=True)
    first, second = buyer.buy(service), buyer.buy(service, link="https://example.com/b")
    buyer.panel.advance(100_000)
    reply = buyer.ask("refill", orders=f"{first.id},7,{second.id}")
    assert [refill.order for refill in buyer.panel.books.refills.values()] == [first.id, second.id]
    assert reply == {"refill": str(min(buyer.panel.books.refills))}


def test_smmvna_refuses_several_refills_when_none_can_be(buyer_at: BuyerAt) -> None:
    assert buyer_at("smmvna").ask("refill", orders="7,8") == {"error": "Incorrect order ID"}


@pytest.mark.parametrize("slug", ALL)
def test_refill_status_is_a_word(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    order = buyer.buy_completed(buyer.service(refill=True))
    refill = buyer.ask("refill", order=order.id)["refill"]
    assert buyer.ask("refill_status", refill=refill) == {"status": "Pending"}
    buyer.panel.advance(2_000)
    assert buyer.ask("refill_status", refill=refill) == {"status": "Completed"}


@pytest.mark.parametrize(
    ("slug", "text"),
    [(slug, "Incorrect refill ID" if slug == "smmvna" else "Refill not found") for slug in ALL],
)
def test_each_panel_has_its_words_for_an_unknown_refill(buyer_at: BuyerAt, slug: str, text: str) -> None:
    assert buyer_at(slug).ask("refill_status", refill="999999") == {"error": text}


@pytest.mark.parametrize("slug", [*WITH_REFILL_LISTS, "smmvna"])
def test_several_refill_statuses_are_a_list(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    order = buyer.buy_completed(buyer.service(refill=True))
    refill = int(buyer.ask("refill", order=order.id)["refill"])
    buyer.panel.decide_refill(refill, Fate.rejected)
    buyer.panel.advance(2_000)
    assert buyer.ask("refill_status", refills=f"{refill},999999") == [
        {"refill": refill, "status": "Rejected"},
        {"refill": 999999, "status": {"error": DOCUMENTS[slug].text(Text.bad_refill)}},
    ]


def test_cancel_lists_refusals_first_whatever_came_first(buyer_at: BuyerAt) -> None:
    buyer = buyer_at("servsmm")
    order = buyer.buy(buyer.service(cancel=True))
    assert buyer.ask("cancel", orders=f"{order.id},9") == [
        {"order": 9, "cancel": {"error": "Incorrect order ID"}},
        {"order": order.id, "cancel": 1},
    ]


def test_the_standard_panel_numbers_its_cancels(buyer_at: BuyerAt) -> None:
    buyer = buyer_at("standard")
    first, second = (buyer.buy(buyer.service(cancel=True)).id for _ in range(2))
    assert [row["cancel"] for row in buyer.ask("cancel", orders=f"{first},{second}")] == [1, 2]


@pytest.mark.parametrize("slug", ALL)
def test_balance_is_text_with_a_currency(buyer_at: BuyerAt, slug: str) -> None:
    reply = buyer_at(slug).ask("balance")
    assert types_of(reply) == {"balance": str, "currency": str}
    assert reply["currency"] == ("TRY" if slug == "smpanelim" else "USD")


@pytest.mark.parametrize(
    ("slug", "action", "params"),
    [
        ("smpanelim", "refill", {"orders": "1,2"}),
        ("smpanelim", "refill_status", {"refills": "1,2"}),
        ("smpanelim", "cancel", {"orders": "1"}),
        ("smmvna", "cancel", {"orders": "1"}),
        ("smmplus", "cancel", {"order": "1"}),
        ("smmplus", "products", {}),
        ("servsmm", "multi_status", {"orders": "1"}),
        ("servsmm", "multi_refill", {"orders": "1"}),
        ("servsmm", "multi_refill_status", {"refills": "1"}),
        ("smmprovider", "statuses", {"orders": "1"}),
        ("smmprovider", "", {}),
    ],
)
def test_what_a_document_does_not_have_is_refused(
    buyer_at: BuyerAt, slug: str, action: str, params: dict[str, str]
) -> None:
    reply = buyer_at(slug).ask(action, **params)
    assert list(reply) == ["error"]
    assert reply["error"].startswith(("Incorrect action", "Missing required parameter"))


@pytest.mark.parametrize("slug", ["servsmm", "smmplus", "smmprovider", "smmvna", "standard"])
def test_a_hundred_ids_are_answered_and_one_more_is_refused(buyer_at: BuyerAt, slug: str) -> None:
    buyer = buyer_at(slug)
    hundred = ",".join(str(number) for number in range(1, 101))
    assert len(buyer.ask("status", orders=hundred)) == 100
    assert buyer.ask("status", orders=f"{hundred},101") == {"error": "Maximum 100 IDs"}


def test_smpanelim_states_no_limit_of_ids(buyer_at: BuyerAt) -> None:
    ids = ",".join(str(number) for number in range(1, 502))
    assert len(buyer_at("smpanelim").ask("status", orders=ids)) == 501


def test_a_question_for_one_and_for_many_at_once_is_refused(buyer: Buyer) -> None:
    assert buyer.ask("status", order="1", orders="1,2") == {"error": "Incorrect request"}


def test_the_headings_of_servsmm_are_another_reading_of_its_document() -> None:
    with Sandbox(variants={"servsmm": "heading"}, only=["servsmm"]) as box:
        buyer = Buyer(box, "servsmm")
        order = buyer.buy_completed(buyer.service(refill=True))
        assert list(buyer.ask("multi_status", orders=order.id)) == [str(order.id)]
        refill = buyer.ask("multi_refill", orders=order.id)[0]["refill"]
        assert buyer.ask("multi_refill_status", refills=refill) == [{"refill": refill, "status": "Pending"}]
        assert buyer.ask("status", order=order.id)["status"] == "Completed"
        assert buyer.ask("status", orders=order.id) == {"error": "Missing required parameter: order"}


def test_a_document_that_does_not_contradict_itself_has_one_reading() -> None:
    with pytest.raises(ValueError, match=r"smm\.plus has no variant 'heading'"):
        Sandbox(variants={"smmplus": "heading"})


@pytest.mark.parametrize("slug", ALL)
def test_two_independent_readings_of_a_document_agree(slug: str) -> None:
    """The client's reading (`providers.dialects`) against the sandbox's."""
    dialect, document = DIALECTS[slug], DOCUMENTS[slug]
    theirs = {(spec.name, spec.ids_parameter) for spec in dialect.actions.values()}
    # smmvna's refill of many is documented and cannot be used, which is why the client leaves it out.
    assert set(document.routes) - theirs == ({("refill", "orders")} if slug == "smmvna" else set())
    assert theirs <= set(document.routes)
    assert document.status_currency is dialect.reports_currency
    limits = {spec.limit for spec in dialect.actions.values() if spec.ids_parameter in {"orders", "refills"}}
    assert limits == {document.batch_limit or dialect.actions[Action.multi_status].limit}
    if document.requests_per_minute is not None:
        assert document.requests_per_minute == dialect.requests_per_minute
