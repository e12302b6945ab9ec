"""Order types of the protocol: what a type requires, how it is billed, what goes on the wire.

One entry of :data:`TYPES` is all there is to a type; the form, the validation, the price and
the wire parameters are read from it. A new type is a new entry. The parameters are those the
field's panels document; of the five providers only smm.plus and smpanelim.net document
``runs`` and ``interval``, and none documents the parameters of any type but Default.

A parameter's name is its name on the wire. Lines are joined by ``\n``, blank ones left out:
they are what :class:`Billing` ``LINES`` counts, here and at the provider.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT = 200_000
MAX_LINES = 10_000


class ParameterKind(StrEnum):
    """How a parameter is typed in and checked."""

    LINK = "link"  # an http(s) address or a bare user name, without blanks
    NUMBER = "number"  # a whole number, from ``lowest`` on
    LINE = "line"  # a short text
    LINES = "lines"  # one entry a line
    CHOICE = "choice"  # one of ``choices``
    DATE = "date"  # sent as day/month/year


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a type, under its documented wire name.

    ``when`` names another parameter and the value it must have for this one to be offered.
    """

    name: str
    label: Any
    kind: ParameterKind
    required: bool = True
    help: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    lowest: int = 0
    when: tuple[str, str] | None = None


class Billing(StrEnum):
    """What the expected charge is counted from; the rate is the price of 1,000, but for a package."""

    QUANTITY = "quantity"  # the quantity, times the runs of a drip-feed
    LINES = "lines"  # the lines of one parameter
    PACKAGE = "package"  # one package, whose rate is its price (`Provider.package_billing` settles it)
    LATER = "later"  # nothing up front: charged post by post


@dataclass(frozen=True, slots=True)
class OrderType:
    """One order type. ``counted`` is the parameter whose lines are billed; ``aliases`` are spellings seen."""

    slug: str
    label: Any
    parameters: tuple[Parameter, ...]
    billing: Billing = Billing.QUANTITY
    counted: str = ""
    dripfeed: bool = False
    aliases: tuple[str, ...] = ()
    names: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(parameter.name for parameter in self.parameters))


LINK = Parameter("link", _("Link"), ParameterKind.LINK)
QUANTITY = Parameter("quantity", _("Quantity"), ParameterKind.NUMBER, lowest=1)
RUNS = Parameter("runs", _("Runs"), ParameterKind.NUMBER, required=False, lowest=1, help=_("Number of deliveries."))
INTERVAL = Parameter(
    "interval", _("Interval"), ParameterKind.NUMBER, required=False, lowest=1, help=_("Minutes between runs.")
)
COMMENTS = Parameter("comments", _("Comments"), ParameterKind.LINES, help=_("One comment per line."))
USERNAMES = Parameter("usernames", _("Usernames"), ParameterKind.LINES, help=_("One username per line."))
USERNAME = Parameter("username", _("Username"), ParameterKind.LINE)

_DELAYS = ("0", "5", "10", "15", "20", "30", "40", "50", "60", "90", *(str(m) for m in range(120, 601, 30)))
_DEVICES = (
    ("1", _("Desktop")),
    ("2", _("Mobile (Android)")),
    ("3", _("Mobile (iOS)")),
    ("4", _("Mixed (mobile)")),
    ("5", _("Mixed (mobile and desktop)")),
)
_TRAFFIC = (("1", _("Google keyword")), ("2", _("Custom referrer")), ("3", _("Blank referrer")))

_ALL = (
    OrderType("default", _("Default"), (LINK, QUANTITY), dripfeed=True),
    OrderType("package", _("Package"), (LINK,), billing=Billing.PACKAGE),
    OrderType(
        "seo",
        _("SEO"),
        (LINK, QUANTITY, Parameter("keywords", _("Keywords"), ParameterKind.LINES, help=_("One keyword per line."))),
    ),
    OrderType("custom_comments", _("Custom comments"), (LINK, COMMENTS), billing=Billing.LINES, counted="comments"),
    OrderType("custom_comments_package", _("Custom comments package"), (LINK, COMMENTS), billing=Billing.PACKAGE),
    OrderType("mentions", _("Mentions"), (LINK, QUANTITY, USERNAMES)),
    OrderType(
        "mentions_with_hashtags",
        _("Mentions with hashtags"),
        (
            LINK,
            QUANTITY,
            USERNAMES,
            Parameter("hashtags", _("Hashtags"), ParameterKind.LINES, help=_("One hashtag per line.")),
        ),
    ),
    OrderType(
        "mentions_custom_list",
        _("Mentions custom list"),
        (LINK, USERNAMES),
        billing=Billing.LINES,
        counted="usernames",
    ),
    OrderType(
        "mentions_hashtag",
        _("Mentions hashtag"),
        (LINK, QUANTITY, Parameter("hashtag", _("Hashtag"), ParameterKind.LINE)),
        aliases=("mentions_hastag",),
    ),
    OrderType(
        "mentions_user_followers",
        _("Mentions user followers"),
        (
            LINK,
            QUANTITY,
            Parameter(
                "username",
                _("Username"),
                ParameterKind.LINE,
                help=_("Username or link of the account whose followers to mention."),
            ),
        ),
        aliases=("mentions_user_follower",),
    ),
    OrderType(
        "mentions_media_likers",
        _("Mentions media likers"),
        (
            LINK,
            QUANTITY,
            Parameter("media", _("Media"), ParameterKind.LINK, help=_("Link to the post whose likers to mention.")),
        ),
    ),
    OrderType(
        "comment_likes",
        _("Comment likes"),
        (LINK, QUANTITY, Parameter("username", _("Username"), ParameterKind.LINE, help=_("The comment’s author."))),
    ),
    OrderType(
        "comment_replies",
        _("Comment replies"),
        (LINK, USERNAME, COMMENTS),
        billing=Billing.LINES,
        counted="comments",
    ),
    OrderType(
        "poll",
        _("Poll"),
        (LINK, QUANTITY, Parameter("answer_number", _("Answer number"), ParameterKind.NUMBER, lowest=1)),
    ),
    OrderType(
        "invites_from_groups",
        _("Invites from groups"),
        (LINK, QUANTITY, Parameter("groups", _("Groups"), ParameterKind.LINES, help=_("One group per line."))),
        aliases=("invites_from_group",),
    ),
    OrderType(
        "subscriptions",
        _("Subscriptions"),
        (
            USERNAME,
            Parameter("min", _("Minimum per post"), ParameterKind.NUMBER, lowest=1),
            Parameter("max", _("Maximum per post"), ParameterKind.NUMBER, lowest=1),
            Parameter(
                "posts",
                _("New posts"),
                ParameterKind.NUMBER,
                required=False,
                lowest=1,
                help=_("Leave empty for no limit."),
            ),
            Parameter("old_posts", _("Old posts"), ParameterKind.NUMBER, required=False),
            Parameter("delay", _("Delay, minutes"), ParameterKind.CHOICE, choices=tuple((d, d) for d in _DELAYS)),
            Parameter("expiry", _("Expires on"), ParameterKind.DATE, required=False, help=_("Day/month/year.")),
        ),
        billing=Billing.LATER,
        aliases=("subscription",),
    ),
    OrderType(
        "web_traffic",
        _("Web traffic"),
        (
            LINK,
            QUANTITY,
            Parameter("country", _("Country"), ParameterKind.LINE),
            Parameter("device", _("Device"), ParameterKind.CHOICE, choices=_DEVICES),
            Parameter("type_of_traffic", _("Type of traffic"), ParameterKind.CHOICE, choices=_TRAFFIC),
            Parameter("google_keyword", _("Google keyword"), ParameterKind.LINE, when=("type_of_traffic", "1")),
            Parameter("referring_url", _("Referrer URL"), ParameterKind.LINK, when=("type_of_traffic", "2")),
        ),
        dripfeed=True,
    ),
    OrderType(
        "likes_spread",
        _("Likes spread"),
        (
            USERNAME,
            Parameter("min", _("Minimum per post"), ParameterKind.NUMBER, lowest=1),
            Parameter("max", _("Maximum per post"), ParameterKind.NUMBER, lowest=1),
            Parameter("old_posts", _("Old posts"), ParameterKind.NUMBER, required=False),
        ),
        billing=Billing.LATER,
    ),
)

TYPES: Mapping[str, OrderType] = {
    slug: order_type for order_type in _ALL for slug in (order_type.slug, *order_type.aliases)
}


PARAMETERS: Mapping[str, Parameter] = {
    parameter.name: parameter for known in reversed(_ALL) for parameter in (*known.parameters, RUNS, INTERVAL)
}
"""Every parameter of every type by its name, as the first type that has it describes it."""


def order_type(slug: str) -> OrderType | None:
    """Return the type behind a slug of a catalogue, or ``None`` when the hub does not know it."""
    return TYPES.get(slug or "default")


def parameters_for(known: OrderType, *, may_dripfeed: bool) -> tuple[Parameter, ...]:
    """Return the parameters to offer; ``runs`` and ``interval`` only where they may be sent."""
    return (*known.parameters, RUNS, INTERVAL) if known.dripfeed and may_dripfeed else known.parameters
