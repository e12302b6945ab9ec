"""What the page of a chain shows: one purchase, with its orders, its timeline and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders import statuses
from orders.aftercare.eligibility import cancel_offer
from orders.models import Chain, ChainStep, Order
from orders.routes.books import books_of, delivered_by, spent_on, whole_of
from orders.routes.chain_labels import provider_name, sees, tag_of, waits_of
from orders.routes.choice import Market
from orders.routes.steps import ENDED, WAITING, links_of
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import Badge, badge, format_count, format_money, format_progress, format_when

_CENT: Final = Decimal("0.01")
STOP: Final = "orders.change_order"
MOVE: Final = "orders.aftercare_order"
DECIDE: Final = "orders.settle_order"


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One order of a chain; without ``url`` at a provider that the reader does not see."""

    position: int
    pk: int
    url: str
    provider: str
    service: str
    badge: Badge
    quantity: str
    delivered: str
    charge: SafeString
    when: SafeString
    is_current: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """One line of a chain's timeline."""

    when: SafeString
    what: str
    where: str
    words: str
    by: str
    order: int | None
    url: str


def describe_chain(chain: Chain, *, user: Any) -> dict[str, Any]:
    """Return everything that the page of a chain shows; its route, its client and who ordered are loaded."""
    links = links_of(chain)
    now = timezone.now()
    sees_cost = user.has_perm("orders.view_cost")
    books = books_of(chain, links)
    market = Market()
    last = links[-1] if links else None
    waits = waits_of(chain)
    seen = all(sees(link, user) for link in links)
    spent = spent_on(links, market) if sees_cost and seen else None
    tag = tag_of(chain.status)
    bar = format_progress(total=books.ordered, remains=books.ordered - books.delivered, tone=tag.tone, large=True)
    return {
        "chain": chain,
        "tag": tag,
        "waits": waits,
        "words": chain.words if sees_cost else hide_amounts(chain.words),
        "progress": bar.html if bar else "",
        "delivered": format_count(books.delivered),
        "ordered": format_count(books.ordered),
        "live": format_count(books.live) if books.live else "",
        "unconfirmed": format_count(books.unconfirmed) if books.unconfirmed else "",
        "not_bought": format_count(books.not_bought) if books.not_bought else "",
        "charged": format_money(spent.quantize(_CENT), chain.currency) if spent is not None else "",
        "ceiling": format_money(chain.ceiling, chain.currency) if sees_cost else "",
        "current": link_row(last, user=user, now=now, sees_cost=sees_cost, is_current=True) if last else None,
        "links": [link_row(link, user=user, now=now, sees_cost=sees_cost, is_current=link is last) for link in links],
        "steps": _steps(chain, user=user, now=now, sees_cost=sees_cost),
        "when": format_when(chain.created_at, now).html,
        "sees_cost": sees_cost,
        **_actions(chain, links, user),
    }


def link_row(link: Order, *, user: Any, now: Any, sees_cost: bool, is_current: bool) -> LinkRow:
    """Return one order of a chain as a row."""
    is_seen = sees(link, user)
    charge = link.expected_charge if link.charge is None else link.charge
    return LinkRow(
        position=link.position or 0,
        pk=link.pk,
        url=reverse("orders:detail", args=[link.pk]) if is_seen else "",
        provider=provider_name(link, user),
        service=link.service.name if is_seen and link.service else "",
        badge=badge(link.status),
        quantity=format_count(whole_of(link)),
        delivered=format_count(delivered_by(link)),
        charge=format_money(charge, link.currency) if sees_cost and is_seen else SafeString(""),
        when=format_when(link.created_at, now).html,
        is_current=is_current,
    )


def _steps(chain: Chain, *, user: Any, now: Any, sees_cost: bool) -> list[StepRow]:
    found = ChainStep.objects.filter(chain=chain).select_related("order__provider", "actor").order_by("-id")
    rows = []
    for step in found.defer("order__provider__api_key"):
        is_seen = step.order is not None and sees(step.order, user)
        rows.append(
            StepRow(
                when=format_when(step.at, now).html,
                what=str(ChainStep.Reason(step.reason).label).capitalize(),
                where=provider_name(step.order, user) if step.order is not None else "",
                words=step.words if sees_cost else hide_amounts(step.words),
                by=step.actor.get_username() if step.actor else _("the hub"),
                order=step.order_id if is_seen else None,
                url=reverse("orders:detail", args=[step.order_id]) if is_seen else "",
            )
        )
    return rows


def _actions(chain: Chain, links: Sequence[Order], user: Any) -> dict[str, bool]:
    """Return what the reader can do with a chain as it stands; each is checked again when it is done."""
    last = links[-1] if links else None
    is_open = chain.status not in ENDED
    is_settled = not any(link.status in statuses.IN_HAND | statuses.OPEN for link in links)
    can_move = (
        last is not None
        and chain.status == Chain.Status.ACTIVE
        and chain.reason != ChainStep.Reason.MOVED
        and last.status in statuses.OPEN
        and sees(last, user)
        and user.has_perm(MOVE)
        and cancel_offer(last).can
    )
    waits_for_person = chain.reason == ChainStep.Reason.SECOND_PERSON
    return {
        "may_stop": is_open and user.has_perm(STOP),
        "may_move": can_move,
        "may_buy": bool(is_open and links and is_settled and not waits_for_person and user.has_perm(DECIDE)),
        "may_continue": chain.status in WAITING and not waits_for_person and user.has_perm(DECIDE),
        "may_close": chain.status == Chain.Status.FLAGGED and user.has_perm(DECIDE),
        "is_moving": chain.reason == ChainStep.Reason.MOVED,
    }
