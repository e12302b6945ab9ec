"""The table of order types: each one's parameters and billing, as the field's panels document them."""

from __future__ import annotations

import pytest

from orders import order_types
from orders.order_types import Billing, ParameterKind

# Type, the parameters it must have, those it may have, what is billed. From the parameter tables of the field's
# panels; the documents of the five providers describe Default alone.
DOCUMENTED = [
    ("default", "link quantity", "runs interval", Billing.QUANTITY),
    ("package", "link", "", Billing.PACKAGE),
    ("seo", "link quantity keywords", "", Billing.QUANTITY),
    ("custom_comments", "link comments", "", Billing.LINES),
    ("custom_comments_package", "link comments", "", Billing.PACKAGE),
    ("mentions", "link quantity usernames", "", Billing.QUANTITY),
    ("mentions_with_hashtags", "link quantity usernames hashtags", "", Billing.QUANTITY),
    ("mentions_custom_list", "link usernames", "", Billing.LINES),
    ("mentions_hashtag", "link quantity hashtag", "", Billing.QUANTITY),
    ("mentions_user_followers", "link quantity username", "", Billing.QUANTITY),
    ("mentions_media_likers", "link quantity media", "", Billing.QUANTITY),
    ("comment_likes", "link quantity username", "", Billing.QUANTITY),
    ("comment_replies", "link username comments", "", Billing.LINES),
    ("poll", "link quantity answer_number", "", Billing.QUANTITY),
    ("invites_from_groups", "link quantity groups", "", Billing.QUANTITY),
    ("subscriptions", "username min max delay", "posts old_posts expiry", Billing.LATER),
    (
        "web_traffic",
        "link quantity country device type_of_traffic google_keyword referring_url",
        "runs interval",
        Billing.QUANTITY,
    ),
    ("likes_spread", "username min max", "old_posts", Billing.LATER),
]


def test_the_table_holds_every_type_and_no_other() -> None:
    assert {known.slug for known in order_types.TYPES.values()} == {slug for slug, *_rest in DOCUMENTED}


@pytest.mark.parametrize(("slug", "required", "optional", "billing"), DOCUMENTED, ids=[row[0] for row in DOCUMENTED])
def test_a_type_has_the_documented_parameters(slug: str, required: str, optional: str, billing: Billing) -> None:
    known = order_types.TYPES[slug]
    parameters = order_types.parameters_for(known, may_dripfeed=True)

    assert [parameter.name for parameter in parameters if parameter.required] == required.split()
    assert {parameter.name for parameter in parameters if not parameter.required} == set(optional.split())
    assert known.billing is billing


@pytest.mark.parametrize("known", list(dict.fromkeys(order_types.TYPES.values())), ids=lambda known: known.slug)
def test_what_is_billed_by_lines_is_a_parameter_of_lines(known: order_types.OrderType) -> None:
    counted = [parameter.kind for parameter in known.parameters if parameter.name == known.counted]

    assert counted == ([ParameterKind.LINES] if known.billing is Billing.LINES else [])


@pytest.mark.parametrize("known", list(dict.fromkeys(order_types.TYPES.values())), ids=lambda known: known.slug)
def test_a_condition_names_an_earlier_choice(known: order_types.OrderType) -> None:
    asked: dict[str, order_types.Parameter] = {}
    for parameter in known.parameters:
        if parameter.when:
            name, value = parameter.when
            assert value in dict(asked[name].choices)
        asked[parameter.name] = parameter


@pytest.mark.parametrize(
    ("spelling", "slug"),
    [
        ("", "default"),
        ("subscription", "subscriptions"),
        ("mentions_hastag", "mentions_hashtag"),
        ("mentions_user_follower", "mentions_user_followers"),
        ("invites_from_group", "invites_from_groups"),
    ],
)
def test_spellings_that_were_seen_lead_to_their_type(spelling: str, slug: str) -> None:
    known = order_types.order_type(spelling)

    assert known is not None
    assert known.slug == slug


def test_a_type_no_one_documents_is_not_known() -> None:
    assert order_types.order_type("telepathy") is None


def test_runs_and_interval_are_requested_only_where_they_may_be_sent() -> None:
    names = [
        parameter.name for parameter in order_types.parameters_for(order_types.TYPES["default"], may_dripfeed=False)
    ]

    assert names == ["link", "quantity"]


def test_every_parameter_can_be_found_by_its_name() -> None:
    for known in order_types.TYPES.values():
        for parameter in (*known.parameters, order_types.RUNS, order_types.INTERVAL):
            assert order_types.PARAMETERS[parameter.name].kind == parameter.kind
