from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from providers.sandbox.shop.order_types import ORDER_TYPES, count_lines
from tests.sandbox.calling import LINK, Buyer

# One good set of parameters for each type, as the field documents them.
GOOD: dict[str, dict[str, Any]] = {
    "Default": {"link": LINK, "quantity": 100},
    "Package": {"link": LINK},
    "SEO": {"link": LINK, "quantity": 100, "keywords": "one\ntwo"},
    "Custom Comments": {"link": LINK, "comments": "a\r\nb\r\n\r\nc\nd\ne\n"},
    "Custom Comments Package": {"link": LINK, "comments": "a\nb"},
    "Mentions": {"link": LINK, "quantity": 100, "usernames": "ann\nbob"},
    "Mentions with Hashtags": {"link": LINK, "quantity": 100, "usernames": "ann", "hashtags": "spring"},
    "Mentions Custom List": {"link": LINK, "usernames": "\n".join(f"user{n}" for n in range(60))},
    "Mentions Hashtag": {"link": LINK, "quantity": 100, "hashtag": "spring"},
    "Mentions User Followers": {"link": LINK, "quantity": 100, "username": "ann"},
    "Mentions Media Likers": {"link": LINK, "quantity": 100, "media": LINK},
    "Comment Likes": {"link": LINK, "quantity": 100, "username": "ann"},
    "Comment Replies": {"link": LINK, "username": "ann", "comments": "a\nb\nc\nd\ne"},
    "Poll": {"link": LINK, "quantity": 100, "answer_number": 2},
    "Invites from Groups": {"link": LINK, "quantity": 100, "groups": "first\nsecond"},
    "Subscriptions": {"username": "ann", "min": 100, "max": 200, "delay": 5},
    "Web Traffic": {
        "link": LINK, "quantity": 100, "country": "TH", "device": 5, "type_of_traffic": 1, "google_keyword": "shoes",
    },
}  # fmt: skip
BILLED = {"Custom Comments": 5, "Mentions Custom List": 60, "Comment Replies": 5}


def test_every_type_has_its_example() -> None:
    assert set(GOOD) == set(ORDER_TYPES)


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_an_order_of_every_type_is_accepted_and_charged(buyer: Buyer, kind: str) -> None:
    service, before = buyer.service(kind), buyer.panel.balance
    reply = buyer.ask("add", service=service.id, **GOOD[kind])
    order = buyer.panel.orders[reply["order"]]
    if kind in {"Package", "Custom Comments Package"}:
        expected = service.rate
    elif kind == "Subscriptions":
        expected = Decimal(0)
    else:
        expected = service.rate * BILLED.get(kind, 100) / 1000
    assert order.charge == expected.quantize(Decimal("0.00001"))
    assert buyer.panel.balance == before - order.charge
    assert order.type == kind


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in sorted(GOOD) for name in ORDER_TYPES[kind].required]
)
def test_a_missing_parameter_is_named(buyer: Buyer, kind: str, name: str) -> None:
    given = {key: value for key, value in GOOD[kind].items() if key != name}
    reply = buyer.ask("add", service=buyer.service(kind).id, **given)
    assert reply == {"error": f"Missing required parameter: {name}"}
    assert not buyer.panel.orders


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_blank_parameter_counts_as_missing(buyer: Buyer, kind: str) -> None:
    name = ORDER_TYPES[kind].required[-1]
    reply = buyer.ask("add", service=buyer.service(kind).id, **{**GOOD[kind], name: "  "})
    assert reply == {"error": f"Missing required parameter: {name}"}


@pytest.mark.parametrize(
    ("kind", "change", "error"),
    [
        ("Default", {"quantity": "9"}, "Quantity less than minimal 10"),
        ("Default", {"quantity": "100001"}, "Quantity more than maximum 100000"),
        ("Default", {"quantity": "ten"}, "Incorrect quantity"),
        ("Default", {"quantity": "-100"}, "Incorrect quantity"),
        ("Default", {"quantity": "100.5"}, "Incorrect quantity"),
        ("Default", {"quantity": "١٠٠"}, "Incorrect quantity"),
        ("Default", {"quantity": "9" * 5000}, "Incorrect quantity"),
        ("Default", {"link": "two words"}, "Bad link"),
        ("Default", {"link": "https://nowhere"}, "Bad link"),
        ("Default", {"runs": "3"}, "Missing required parameter: interval"),
        ("Default", {"interval": "30"}, "Missing required parameter: runs"),
        ("Default", {"runs": "0", "interval": "30"}, "Incorrect parameter: runs"),
        ("Default", {"comments": "a\nb"}, "Incorrect parameter: comments"),
        ("Package", {"quantity": "5"}, "Incorrect parameter: quantity"),
        ("Custom Comments", {"comments": "too\nfew"}, "Quantity less than minimal 5"),
        ("Subscriptions", {"link": LINK}, "Incorrect parameter: link"),
        ("Subscriptions", {"min": "300"}, "Incorrect parameter: max"),
        ("Subscriptions", {"min": "1"}, "Quantity less than minimal 20"),
        ("Subscriptions", {"delay": "601"}, "Incorrect parameter: delay"),
        ("Subscriptions", {"expiry": "2030-01-31"}, "Incorrect parameter: expiry"),
        ("Poll", {"answer_number": "0"}, "Incorrect parameter: answer_number"),
        ("Web Traffic", {"device": "6"}, "Incorrect parameter: device"),
        ("Web Traffic", {"google_keyword": ""}, "Missing required parameter: google_keyword"),
        ("Web Traffic", {"type_of_traffic": "2"}, "Missing required parameter: referring_url"),
    ],
)
def test_what_cannot_be_is_refused_and_costs_nothing(
    buyer: Buyer, kind: str, change: dict[str, str], error: str
) -> None:
    before = buyer.panel.balance
    reply = buyer.ask("add", service=buyer.service(kind).id, **{**GOOD[kind], **change})
    assert reply == {"error": error}
    assert buyer.panel.balance == before
    assert not buyer.panel.orders


@pytest.mark.parametrize("service", ["0", "99999999", "abc", "-1", "1.0", "9" * 400])
def test_an_unknown_service_is_refused(buyer: Buyer, service: str) -> None:
    assert buyer.ask("add", service=service, link=LINK, quantity=100) == {"error": "Incorrect service ID"}


def test_a_missing_service_is_named(buyer: Buyer) -> None:
    assert buyer.ask("add", link=LINK, quantity=100) == {"error": "Missing required parameter: service"}


def test_a_quantity_beside_comments_is_borne_and_not_billed(buyer: Buyer) -> None:
    service = buyer.service("Custom Comments")
    order = buyer.buy(service, quantity=999, comments="1\n2\n3\n4\n5")
    assert order.quantity == 5


def test_parameters_that_mean_nothing_are_ignored(buyer: Buyer) -> None:
    order = buyer.buy(ref="campaign 7")
    assert order.parameters == {"link": LINK, "quantity": "100"}


def test_a_bare_user_name_is_a_link(buyer: Buyer) -> None:
    assert buyer.buy(link="@some.one_1").link == "@some.one_1"


def test_a_drip_feed_is_charged_for_all_its_runs(buyer: Buyer) -> None:
    service = buyer.service()
    order = buyer.buy(service, quantity=100, runs=4, interval=30)
    assert order.quantity == 400
    assert order.charge == (service.rate * 400 / 1000).quantize(Decimal("0.00001"))


@pytest.mark.parametrize("kind", ["Default", "Web Traffic"])
def test_smmvna_documents_no_drip_feed(buyer_at: Callable[[str], Buyer], kind: str) -> None:
    buyer = buyer_at("smmvna")
    reply = buyer.ask("add", service=buyer.service(kind).id, **GOOD[kind], runs=3, interval=30)
    assert reply == {"error": "Incorrect parameter: interval"}


def test_an_empty_balance_buys_nothing(buyer: Buyer) -> None:
    buyer.panel.balance = Decimal("0.00001")
    reply = buyer.ask("add", service=buyer.service().id, link=LINK, quantity=100)
    assert reply == {"error": "Not enough funds on balance"}
    assert not buyer.panel.orders


def test_the_last_penny_can_be_spent(buyer: Buyer) -> None:
    service = buyer.service()
    buyer.panel.balance = service.rate / 10
    buyer.buy(service, quantity=100)
    assert buyer.ask("balance")["balance"] == "0"


def test_a_subscription_needs_the_money_of_its_first_post(buyer: Buyer) -> None:
    buyer.panel.balance = Decimal(0)
    reply = buyer.ask("add", service=buyer.service("Subscriptions").id, **GOOD["Subscriptions"])
    assert reply == {"error": "Not enough funds on balance"}


def test_a_panel_can_want_one_order_a_link(buyer: Buyer) -> None:
    buyer.panel.one_order_per_link = True
    buyer.buy()
    reply = buyer.ask("add", service=buyer.service().id, link=LINK, quantity=100)
    assert reply["error"].startswith("You have active order with this link")
    buyer.panel.advance(100_000)
    buyer.buy()


def test_a_wrong_key_is_refused_whatever_is_requested(buyer: Buyer) -> None:
    for action in ("services", "add", "status", "balance", "nonsense"):
        assert buyer.ask(action, key="wrong") == {"error": "Invalid API key"}
    assert buyer.ask("balance", key="") == {"error": "Invalid API key"}


@pytest.mark.parametrize(
    ("text", "lines"), [("", 0), ("a", 1), ("a\nb", 2), ("a\r\nb\r\n", 2), ("\n \n\ta\n", 1), ("a\u2028b", 1)]
)
def test_lines_that_say_something_are_counted(text: str, lines: int) -> None:
    assert count_lines(text) == lines


def test_ids_between_ours_belong_to_others(buyer: Buyer) -> None:
    first = buyer.buy()
    foreign = buyer.panel.inject_foreign(3)
    second = buyer.buy()
    assert foreign == [first.id + 1, first.id + 2, first.id + 3]
    assert second.id == first.id + 4
    reply = buyer.ask("status", orders=",".join(map(str, foreign)))
    assert set(map(str, reply.values())) == {"{'error': 'Incorrect order ID'}"}
