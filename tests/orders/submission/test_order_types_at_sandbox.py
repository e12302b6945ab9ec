"""Each order type, from what a person typed to what the panel accepted and charged, over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orders.models import Order
from orders.order_types import TYPES
from orders.placement.services import create_order
from orders.placement.validation import OrderInvalid, check_order
from orders.submission import services as submission_services
from orders.submission.call_types import order_payload
from providers.models import Service
from tests.helpers.at_sandbox import calls_of, join, list_service, pick_service
from tests.helpers.makers import make_person

if TYPE_CHECKING:
    from providers.sandbox import Panel, Sandbox
    from providers.sandbox.books.records import Service as PanelService

pytestmark = pytest.mark.django_db

LINK = "https://example.com/p/1"

# The panel's title of a type, and what a person types; "#" stands for the smallest quantity, "*" for that many lines.
TYPED: dict[str, dict[str, str]] = {
    "Default": {"link": LINK, "quantity": "#"},
    "Package": {"link": LINK},
    "SEO": {"link": LINK, "quantity": "#", "keywords": "best noodles\n\nnoodles near me\n"},
    "Custom Comments": {"link": LINK, "comments": "*"},
    "Custom Comments Package": {"link": LINK, "comments": "one\n\ntwo\n"},
    "Mentions": {"link": LINK, "quantity": "#", "usernames": "ann\nbob"},
    "Mentions with Hashtags": {"link": LINK, "quantity": "#", "usernames": "ann", "hashtags": "#a\n#b"},
    "Mentions Custom List": {"link": LINK, "usernames": "*"},
    "Mentions Hashtag": {"link": LINK, "quantity": "#", "hashtag": "#spring"},
    "Mentions User Followers": {"link": LINK, "quantity": "#", "username": "ann"},
    "Mentions Media Likers": {"link": LINK, "quantity": "#", "media": "https://example.com/p/2"},
    "Comment Likes": {"link": LINK, "quantity": "#", "username": "ann"},
    "Comment Replies": {"link": LINK, "username": "ann", "comments": "*"},
    "Poll": {"link": LINK, "quantity": "#", "answer_number": "2"},
    "Invites from Groups": {"link": LINK, "quantity": "#", "groups": "https://example.com/g/1\n"},
    "Subscriptions": {"username": "ann", "min": "#", "max": "#", "posts": "3", "delay": "30", "expiry": "2090-12-31"},
    "Web Traffic": {
        "link": LINK,
        "quantity": "#",
        "country": "TH",
        "device": "5",
        "type_of_traffic": "2",
        "referring_url": "https://example.com/from",
    },
}


def fill_in(typed: dict[str, str], offered: PanelService) -> dict[str, str]:
    lines = "\r\n \r\n".join(f"line {number}" for number in range(offered.minimum))
    signs = {"#": str(offered.minimum), "*": lines}
    return {name: signs.get(value, value) for name, value in typed.items()}


@pytest.fixture
def panel(box: Sandbox) -> Panel:
    panel = box.panel("smmplus")
    panel.balance = 1_000_000
    return panel


def offer(box: Sandbox, panel: Panel, title: str) -> tuple[Service, PanelService]:
    offered = pick_service(panel, title)
    return list_service(join(box, panel.slug), offered), offered


def place(service: Service, fields: dict[str, Any]) -> Order:
    order = create_order(user=make_person(), service=service, fields=fields)
    assert submission_services.send_due(service.provider).outcomes["accepted"] == 1
    order.refresh_from_db()
    return order


def test_every_type_that_a_panel_sells_is_here() -> None:
    slugs = {title.lower().replace(" ", "_") for title in TYPED}

    # One panel of the field alone has this one, and none of the five.
    assert slugs == {known.slug for known in TYPES.values()} - {"likes_spread"}


@pytest.mark.parametrize("title", TYPED)
def test_a_type_is_accepted_with_the_parameters_that_were_typed(box: Sandbox, panel: Panel, title: str) -> None:
    service, offered = offer(box, panel, title)
    fields = fill_in(TYPED[title], offered)

    order = place(service, fields)

    (call,) = calls_of(panel, "add")
    sent = {name: value for name, value in call.params.items() if name not in {"key", "action"}}
    assert sent == order_payload(order)
    assert sent.pop("service") == str(offered.id)
    for name, value in sent.items():
        typed = [line.strip() for line in fields[name].splitlines() if line.strip()]
        expected = "31/12/2090" if name == "expiry" else "\n".join(typed)
        assert value == expected, name
    assert set(sent) == {name for name, value in fields.items() if value.strip()}
    accepted = panel.orders[int(str(order.external_id))]
    assert order.status == "pending"
    if order.expected_charge is None:
        assert not accepted.charge
    else:
        assert abs(accepted.charge - order.expected_charge) <= panel.document.unit


def test_a_drip_feed_is_charged_for_all_its_runs(box: Sandbox, panel: Panel) -> None:
    service, offered = offer(box, panel, "Default")

    order = place(service, {"link": LINK, "quantity": str(offered.minimum), "runs": "4", "interval": "30"})

    (call,) = calls_of(panel, "add")
    assert (call.params["quantity"], call.params["runs"], call.params["interval"]) == (str(offered.minimum), "4", "30")
    assert order.billed_quantity == offered.minimum * 4
    assert order.expected_charge is not None
    assert abs(panel.orders[int(str(order.external_id))].charge - order.expected_charge) <= panel.document.unit


def test_letters_of_every_alphabet_arrive_as_they_were_typed(box: Sandbox, panel: Panel) -> None:
    service, offered = offer(box, panel, "Custom Comments")
    words = ["ğüzel İş 👍🏽", "สวยมาก", "đẹp quá", "a & b = c + 100 % <ok>", "= sum"]
    comments = "\n".join((words * offered.minimum)[: max(offered.minimum, len(words))])

    place(service, {"link": LINK, "comments": comments})

    assert calls_of(panel, "add")[0].params["comments"] == comments


def test_a_drip_feed_never_reaches_a_panel_that_does_not_document_it(box: Sandbox) -> None:
    panel = box.panel("smmvna")
    service, offered = offer(box, panel, "Default")

    with pytest.raises(OrderInvalid):
        check_order(service, {"link": LINK, "quantity": str(offered.minimum), "runs": "2", "interval": "5"})
    assert not panel.requests


def test_raw_parameters_arrive_under_their_names(box: Sandbox, panel: Panel) -> None:
    service, offered = offer(box, panel, "Default")
    Service.objects.filter(pk=service.pk).update(type="telepathy")
    service.refresh_from_db()

    order = create_order(
        user=make_person(),
        service=service,
        fields={"raw": f"link={LINK}\nquantity={offered.minimum}\nMood=good\ncomments=one\\ntwo"},
        raw_allowed=True,
    )
    submission_services.send_due(service.provider)

    (call,) = calls_of(panel, "add")
    assert (call.params["link"], call.params["Mood"], call.params["comments"]) == (LINK, "good", "one\ntwo")
    order.refresh_from_db()
    assert order.expected_charge is None
