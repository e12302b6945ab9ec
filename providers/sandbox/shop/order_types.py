"""The order types of the protocol: what each asks for, and how it is billed.

The five documents draw the parameters of `Default` alone (smm.plus, smpanelim, smmvna); the rest is what
panels of the same family document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Billing(StrEnum):
    """What is multiplied by the rate."""

    quantity = "quantity"  # rate per 1,000, times the quantity
    lines = "lines"  # rate per 1,000, times the lines of one parameter
    one = "one"  # the rate itself, once
    per_post = "per_post"  # rate per 1,000, for each post when it appears


@dataclass(frozen=True, slots=True)
class OrderType:
    """One type by its title in a catalogue."""

    title: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    billing: Billing = Billing.quantity
    counted: str = ""  # the parameter whose lines are billed


_ALL = (
    OrderType("Default", ("link", "quantity"), ("runs", "interval")),
    OrderType("Package", ("link",), billing=Billing.one),
    OrderType("SEO", ("link", "quantity", "keywords")),
    OrderType("Custom Comments", ("link", "comments"), billing=Billing.lines, counted="comments"),
    OrderType("Custom Comments Package", ("link", "comments"), billing=Billing.one),
    OrderType("Mentions", ("link", "quantity", "usernames")),
    OrderType("Mentions with Hashtags", ("link", "quantity", "usernames", "hashtags")),
    OrderType("Mentions Custom List", ("link", "usernames"), billing=Billing.lines, counted="usernames"),
    OrderType("Mentions Hashtag", ("link", "quantity", "hashtag")),
    OrderType("Mentions User Followers", ("link", "quantity", "username")),
    OrderType("Mentions Media Likers", ("link", "quantity", "media")),
    OrderType("Comment Likes", ("link", "quantity", "username")),
    OrderType("Comment Replies", ("link", "username", "comments"), billing=Billing.lines, counted="comments"),
    OrderType("Poll", ("link", "quantity", "answer_number")),
    OrderType("Invites from Groups", ("link", "quantity", "groups")),
    OrderType(
        "Subscriptions",
        ("username", "min", "max", "delay"),
        ("posts", "old_posts", "expiry"),
        billing=Billing.per_post,
    ),
    OrderType(
        "Web Traffic",
        ("link", "quantity", "country", "device", "type_of_traffic"),
        ("google_keyword", "referring_url", "runs", "interval"),
    ),
)

ORDER_TYPES: Mapping[str, OrderType] = {kind.title: kind for kind in _ALL}

# Every parameter that means something to a panel; others are ignored, as panels do.
KNOWN_PARAMETERS = frozenset(name for kind in _ALL for name in (*kind.required, *kind.optional))


def count_lines(text: str) -> int:
    """Return lines that say something; `\\r\\n` and `\\n` are both line ends."""
    return sum(1 for line in text.split("\n") if line.strip())
