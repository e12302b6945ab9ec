"""What needs attention, in one list: orders that wait for a person, paused providers, low balances, late orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from orders.statistics.contexts import Dashboard
from orders.statistics.stuck_orders import Waiting, find_waiting
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import money_text, tag_badge
from providers.accounts.health_labels import health_of


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at: what it is, where it leads, and why it is here."""

    badge: SafeString
    key: str
    title: str
    why: str
    url: str
    when: SafeString | str = ""


def find_attention(user: Any, board: Dashboard) -> list[Item]:
    """Return what a person should look at, the most urgent first; one statement."""
    found = find_waiting(list(board.providers), now=board.now, clients=board.clients)
    late = [*found.stuck, *found.slow]
    return [
        *(_order(one, board) for one in found.people),
        *(_providers(board) if user.has_perm("providers.view_provider") else ()),
        *(_order(one, board) for one in late),
    ]


def _order(one: Waiting, board: Dashboard) -> Item:
    why = one.why if board.sees_cost else hide_amounts(one.why)
    return Item(
        badge=one.badge,
        key=f"#{one.pk}",
        title=one.service,
        why=" · ".join(word for word in (why, one.provider) if word),
        url=reverse("orders:detail", args=[one.pk]),
        when=one.when,
    )


def _providers(board: Dashboard) -> Iterator[Item]:
    """Yield accounts that are paused or not answering, and balances that end soon."""
    for provider in board.providers.values():
        url = reverse("providers:detail", args=[provider.pk])
        health = health_of(provider, board.now, sees_cost=board.sees_cost)
        if provider.is_active and health.tone in {"warn", "bad"}:
            yield Item(health.badge, "", provider.name, health.words or health.sentence, url)
        if board.sees_cost and provider.is_active and board.is_low(provider):
            low = tag_badge(tone="warn", icon_name="wallet", label=_("Low balance"))
            yield Item(low, "", provider.name, _balance_words(board, provider), url)


def _balance_words(board: Dashboard, provider: Any) -> str:
    left = money_text(provider.balance, provider.currency)
    days = board.days_left(provider)
    if days is None:
        return _("%(amount)s left") % {"amount": left}
    return _("%(amount)s left, enough for %(n)d d at the current pace") % {"amount": left, "n": min(int(days), 999)}
