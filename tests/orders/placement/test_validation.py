"""What a person typed becomes wire parameters, or a sentence at the parameter that is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders import order_types
from orders.models import Order
from orders.placement.service_rules import parameters_of
from orders.placement.validation import check_order
from orders.submission.call_types import order_payload
from providers.models import Service
from tests.helpers.makers import make_provider, make_service
from tests.helpers.validation import faults, service_of

pytestmark = pytest.mark.django_db
LINK = "https://example.com/post/1"
LINES = "first\n\n  second  \r\n\t\r\nthird\n"
# One well typed order of each type: what a person types, and what goes on the wire beside the service.
GOOD: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "default": ({"link": f"  {LINK} ", "quantity": " 0100 "}, {"link": LINK, "quantity": "100"}),
    "package": ({"link": LINK, "quantity": ""}, {"link": LINK}),
    "seo": (
        {"link": LINK, "quantity": "50", "keywords": LINES},
        {"link": LINK, "quantity": "50", "keywords": "first\nsecond\nthird"},
    ),
    "custom_comments": ({"link": LINK, "comments": "a\nb\n\n" * 5}, {"link": LINK, "comments": "a\nb\n" * 4 + "a\nb"}),
    "custom_comments_package": (
        {"link": LINK, "comments": LINES},
        {"link": LINK, "comments": "first\nsecond\nthird"},
    ),
    "mentions": (
        {"link": LINK, "quantity": "20", "usernames": "@ann\nbob"},
        {"link": LINK, "quantity": "20", "usernames": "@ann\nbob"},
    ),
    "mentions_with_hashtags": (
        {"link": LINK, "quantity": "20", "usernames": "ann", "hashtags": "#one\n\n#two"},
        {"link": LINK, "quantity": "20", "usernames": "ann", "hashtags": "#one\n#two"},
    ),
    "mentions_custom_list": (
        {"link": LINK, "usernames": "\n".join(f"user{number}" for number in range(10))},
        {"link": LINK, "usernames": "\n".join(f"user{number}" for number in range(10))},
    ),
    "mentions_hashtag": (
        {"link": LINK, "quantity": "10", "hashtag": "#spring"},
        {"link": LINK, "quantity": "10", "hashtag": "#spring"},
    ),
    "mentions_user_followers": (
        {"link": LINK, "quantity": "10", "username": "https://example.com/ann"},
        {"link": LINK, "quantity": "10", "username": "https://example.com/ann"},
    ),
    "mentions_media_likers": (
        {"link": LINK, "quantity": "10", "media": "https://example.com/p/2"},
        {"link": LINK, "quantity": "10", "media": "https://example.com/p/2"},
    ),
    "comment_likes": (
        {"link": LINK, "quantity": "10", "username": "ann"},
        {"link": LINK, "quantity": "10", "username": "ann"},
    ),
    "comment_replies": (
        {"link": LINK, "username": "ann", "comments": "yes\n" * 10},
        {"link": LINK, "username": "ann", "comments": "yes\n" * 9 + "yes"},
    ),
    "poll": (
        {"link": LINK, "quantity": "10", "answer_number": "2"},
        {"link": LINK, "quantity": "10", "answer_number": "2"},
    ),
    "invites_from_groups": (
        {"link": LINK, "quantity": "10", "groups": "https://example.com/g1\nhttps://example.com/g2"},
        {"link": LINK, "quantity": "10", "groups": "https://example.com/g1\nhttps://example.com/g2"},
    ),
    "subscriptions": (
        {
            "username": "ann",
            "min": "10",
            "max": "20",
            "posts": "",
            "old_posts": "0",
            "delay": "0",
            "expiry": "2030-12-31",
        },
        {"username": "ann", "min": "10", "max": "20", "old_posts": "0", "delay": "0", "expiry": "31/12/2030"},
    ),
    "likes_spread": (
        {"username": "ann", "min": "10", "max": "10", "old_posts": "3"},
        {"username": "ann", "min": "10", "max": "10", "old_posts": "3"},
    ),
    "web_traffic": (
        {
            "link": LINK,
            "quantity": "500",
            "country": "TH",
            "device": "5",
            "type_of_traffic": "1",
            "google_keyword": "noodles",
            "referring_url": "https://left.over/from-another-choice",
        },
        {
            "link": LINK,
            "quantity": "500",
            "country": "TH",
            "device": "5",
            "type_of_traffic": "1",
            "google_keyword": "noodles",
        },
    ),
}


def wire_of(service: Service, fields: dict[str, Any], **options: Any) -> dict[str, str]:
    """What would be sent for this order, less the service."""
    checked = check_order(service, fields, **options)
    payload = order_payload(
        Order(service=service, link=checked.link, quantity=checked.quantity, parameters=checked.parameters)
    )
    assert payload.pop("service") == service.external_id
    return payload


def test_there_is_a_good_order_of_every_type() -> None:
    assert set(GOOD) == {known.slug for known in order_types.TYPES.values()}


@pytest.mark.parametrize("slug", GOOD)
def test_a_good_order_becomes_its_wire_parameters(slug: str) -> None:
    typed, wire = GOOD[slug]

    assert wire_of(service_of(slug), typed) == wire


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        (slug, parameter.name)
        for slug in GOOD
        for parameter in order_types.TYPES[slug].parameters
        if parameter.required and not parameter.when
    ],
)
@pytest.mark.parametrize("nothing", [None, "", "  \n \t "])
def test_each_required_parameter_is_missed_by_its_name(slug: str, name: str, nothing: str | None) -> None:
    typed = GOOD[slug][0] | {name: nothing}

    assert name in faults(service_of(slug), typed)


@pytest.mark.parametrize(("traffic", "needed"), [("1", "google_keyword"), ("2", "referring_url")])
def test_a_condition_asks_for_its_parameter(traffic: str, needed: str) -> None:
    typed = GOOD["web_traffic"][0] | {"type_of_traffic": traffic, "google_keyword": "", "referring_url": ""}

    assert list(faults(service_of("web_traffic"), typed)) == [needed]


def test_blank_traffic_needs_no_keyword_and_no_referrer() -> None:
    typed = GOOD["web_traffic"][0] | {"type_of_traffic": "3"}

    assert "google_keyword" not in wire_of(service_of("web_traffic"), typed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ten", "whole number"),
        ("1.5", "whole number"),
        ("1,000", "whole number"),
        ("-5", "whole number"),
        ("١٠٠", "whole number"),
        ("0", "at least 1"),
        ("9", "below the minimum of 10"),
        ("10001", "above the maximum of 10000"),
        ("9" * 17, "too large"),
        ("9" * 5000, "too large"),
    ],
)
def test_a_quantity_is_a_whole_number_within_the_limits(typed: str, sentence: str) -> None:
    errors = faults(service_of("default"), {"link": LINK, "quantity": typed})

    assert sentence in " ".join(errors["quantity"])


def test_a_service_that_states_no_limits_has_none() -> None:
    service = service_of("default", min_quantity=None, max_quantity=None)

    assert wire_of(service, {"link": LINK, "quantity": "1"})["quantity"] == "1"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "JaVaScRiPt:alert(1)",
        "ftp://example.com/x",
        "//example.com/x",
        "https://",
        "https://user:secret@example.com/",
        "http://user@example.com/",
        "https://example.com/a b",
        "https://example.com/a\nb",
        "https://example.com/\x00",
        "https://example.com/\u202egpj.exe",
        "https://[::1",
        "<script>",
        '=HYPERLINK("https://example.com")',
        "https://example.com/" + "x" * 2000,
    ],
)
def test_a_link_that_cannot_be_ordered_is_refused(link: str) -> None:
    assert "link" in faults(service_of("default"), {"link": link, "quantity": "100"})


@pytest.mark.parametrize(
    "link",
    ["@ann", "ann.b_c", "https://example.com/p/1", "HTTP://EXAMPLE.COM/P", "https://münchen.example/ç?a=1&b=2#c"],
)
def test_addresses_and_bare_names_are_links(link: str) -> None:
    assert wire_of(service_of("default"), {"link": link, "quantity": "100"})["link"] == link


@pytest.mark.parametrize("typed", ["example.com/p/1", " example.com/p/1\u200b", "'https://example.com/p/1"])
def test_a_link_is_mended_where_it_can_be_seen(typed: str) -> None:
    sent = wire_of(service_of("default"), {"link": typed, "quantity": "100"})["link"]

    assert sent == "https://example.com/p/1"


@pytest.mark.parametrize("slug", ["custom_comments", "comment_replies"])
def test_comments_are_counted_against_the_limits_without_blank_lines(slug: str) -> None:
    service = service_of(slug, min_quantity=3, max_quantity=4)
    typed = {"link": LINK, "username": "ann"}

    assert "2 is below the minimum of 3" in faults(service, typed | {"comments": "a\n\n \nb\n"})["comments"][0]
    assert "5 is above the maximum of 4" in faults(service, typed | {"comments": "a\nb\nc\nd\ne"})["comments"][0]
    assert wire_of(service, typed | {"comments": "\n\na\n\n\nb\n   \nc\n"})["comments"] == "a\nb\nc"


@pytest.mark.parametrize("comments", ["\n\n \n", "\r\n\t\r\n", "\u200b\n\u200d\n", "\u2028\u2029"])
def test_a_comment_list_of_blank_lines_is_said_to_be_blank(comments: str) -> None:
    errors = faults(service_of("custom_comments"), {"link": LINK, "comments": comments})

    assert errors == {"comments": ["Enter at least one line."]}


def test_comments_keep_their_letters_and_lose_control_characters() -> None:
    service = service_of("custom_comments", min_quantity=1)

    comments = wire_of(service, {"link": LINK, "comments": "güzel 👩‍👩‍👧\x00\x07\nทดสอบ\ud800"})["comments"]

    assert comments == "güzel 👩‍👩‍👧\nทดสอบ"


def test_too_many_lines_and_too_long_texts_are_refused() -> None:
    service = service_of("custom_comments", max_quantity=None)

    assert "Too many lines" in faults(service, {"link": LINK, "comments": "a\n" * 10_001})["comments"][0]
    assert "too long" in faults(service, {"link": LINK, "comments": "a" * 200_001})["comments"][0]


@pytest.mark.parametrize("slug", ["subscriptions", "likes_spread"])
def test_the_posts_of_a_subscription_keep_to_the_limits(slug: str) -> None:
    typed = GOOD[slug][0]

    assert "max" in faults(service_of(slug), typed | {"min": "50", "max": "40"})
    assert "min" in faults(service_of(slug), typed | {"min": "9"})
    assert "max" in faults(service_of(slug), typed | {"max": "10001"})


@pytest.mark.parametrize("expiry", ["31/02/2030", "tomorrow", "2030-13-01", "1/1"])
def test_a_date_that_is_none_is_refused(expiry: str) -> None:
    assert "expiry" in faults(service_of("subscriptions"), GOOD["subscriptions"][0] | {"expiry": expiry})


@pytest.mark.parametrize(
    ("slug", "name"), [("subscriptions", "delay"), ("web_traffic", "device"), ("web_traffic", "type_of_traffic")]
)
def test_a_choice_that_is_not_offered_is_refused(slug: str, name: str) -> None:
    assert name in faults(service_of(slug), GOOD[slug][0] | {name: "7"})


def test_numbers_may_come_as_numbers() -> None:
    typed = GOOD["subscriptions"][0] | {"min": 10, "max": 20, "delay": 0, "old_posts": 0}

    assert wire_of(service_of("subscriptions"), typed) == GOOD["subscriptions"][1]


@pytest.mark.parametrize(
    ("provider", "service", "sentence"),
    [
        ({"is_active": False}, {}, "is disabled"),
        ({}, {"is_available": False}, "no longer listed"),
        ({}, {"hold_reason": "price_jump"}, "new price"),
        ({"overrides": {"without": ["add"]}}, {}, "switched off for this account"),
    ],
)
def test_a_service_that_is_closed_says_why(provider: dict[str, Any], service: dict[str, Any], sentence: str) -> None:
    closed = make_service(make_provider(**provider), **service)

    assert sentence in faults(closed, {"link": LINK, "quantity": "100"})[""][0]


def test_a_price_beyond_any_amount_is_a_fault_and_not_a_crash() -> None:
    service = service_of("default", rate=Decimal("99999999999999999999"), max_quantity=None)

    assert "The charge is too large" in faults(service, {"link": LINK, "quantity": "1000000"})[""][0]


class TestRaw:
    """A type no one documents, ordered with raw parameters."""

    def test_needs_a_permission(self) -> None:
        service = service_of("telepathy", type_label="Telepathy")

        errors = faults(service, {"raw": f"link={LINK}"})

        assert "Telepathy" in errors[""][0]
        assert parameters_of(service) is None

    def test_sends_what_was_typed(self) -> None:
        typed = f"link={LINK}\n\nquantity = 250\nMood=cheerful = always\ncomments=one\\ntwo\\n\\n"

        checked = check_order(service_of("telepathy"), {"raw": typed}, raw_allowed=True)

        assert (checked.link, checked.quantity) == (LINK, 250)
        assert checked.parameters == {"Mood": "cheerful = always", "comments": "one\ntwo"}
        assert checked.price.expected is None

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("", "at least one parameter"),
            ("hello", "isn’t name=value"),
            ("=x", "isn’t name=value"),
            ("a b=x", "isn’t name=value"),
            ("key=stolen", "set by PanelHub"),
            ("Action=balance", "set by PanelHub"),
            ("service=9", "set by PanelHub"),
            ("mood=1\nmood=2", "repeated"),
            ("mood=\x00", "This contains characters that can’t be sent"),
            ("mood=" + "x" * 501, "too long"),
            ("quantity=-1", "whole number"),
            ("link=javascript:x", "Enter an http or https link, or a username"),
            ("\n".join(f"p{number}=1" for number in range(51)), "Too many parameters"),
        ],
    )
    def test_refuses_what_cannot_be_sent(self, typed: str, sentence: str) -> None:
        errors = faults(service_of("telepathy"), {"raw": typed}, raw_allowed=True)

        assert sentence in " ".join(errors["raw"])
