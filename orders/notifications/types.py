"""The kinds of notices, as data: a further kind is an entry here and a finder in ``finding``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.notifications import detectors, digest
from orders.notifications.detectors import Finding
from panelhub.redaction import hide_amounts

MISSING: Final = "?"
SEES_COST: Final = "orders.view_cost"
# Parameters that are words of the hub itself, stored in English.
WORDS: Final = frozenset({"what", "part"})


@dataclass(frozen=True, slots=True)
class NoticeType:
    """One kind of notice.

    ``title`` is filled with the parameters of a finding; ``permission`` is what its readers have; ``find`` looks
    for all that is the case at a moment; ``url_name`` is the page that helps, ``url_key`` the parameter that is its
    key. People who are limited to some providers are notified of those alone. ``priced_title`` is the sentence for
    readers who also may see what things cost, where ``permission`` does not require that.
    ``query`` narrows that page.
    """

    slug: str
    label: Any
    about: Any
    title: Any
    permission: str
    tone: str
    icon: str
    url_name: str
    find: Callable[[datetime], Iterable[Finding]]
    url_key: str = ""
    priced_title: Any = ""
    query: str = ""

    def describe(self, params: Mapping[str, Any], *, sees_cost: bool = False) -> str:
        """Return the sentence of one notice, in the language of the moment, on one line."""
        known = _Known({name: gettext(value) if name in WORDS else str(value) for name, value in params.items()})
        if not sees_cost and self.permission != SEES_COST and "reason" in known:
            # A provider's own words, which may name an amount.
            known["reason"] = hide_amounts(known["reason"])
        text = str((sees_cost and self.priced_title) or self.title) % known
        return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())

    def address(self, params: Mapping[str, Any]) -> str:
        """Return the page that helps, as a path."""
        name = str(params.get("page") or self.url_name)
        try:
            path = reverse(name, args=[params[self.url_key]]) if self.url_key else reverse(name)
        except (KeyError, NoReverseMatch):
            return ""
        return f"{path}?{self.query}" if self.query else path


class _Known(dict[str, str]):
    """Read the parameters of a notice; one that an earlier version did not store is a question mark, not an error."""

    def __missing__(self, name: str) -> str:
        return MISSING


NOTICE_TYPES: Final[tuple[NoticeType, ...]] = (
    NoticeType(
        "unconfirmed",
        _("Unconfirmed order"),
        _("An order with no confirmation after 15 minutes."),
        _("%(what)s #%(number)s at %(provider)s is unconfirmed. It may have been placed."),
        "orders.settle_order",
        "bad",
        "question-mark-circle",
        "orders:unconfirmed",
        detectors.find_unconfirmed,
    ),
    NoticeType(
        "held",
        _("Order needs approval"),
        _("An order that another person has to approve."),
        _("Order #%(order)s at %(provider)s needs approval by another person."),
        "orders.approve_order",
        "warn",
        "hand-raised",
        "orders:detail",
        detectors.find_held,
        "order",
        priced_title=_("Order #%(order)s at %(provider)s needs approval by another person: %(charge)s."),
    ),
    NoticeType(
        "provider_down",
        _("Provider down"),
        _("A provider can’t be reached or rejects the account."),
        _("%(provider)s is down: %(reason)s"),
        "providers.view_provider",
        "bad",
        "signal-slash",
        "providers:detail",
        detectors.find_down,
        "provider_id",
    ),
    NoticeType(
        "low_balance",
        _("Low balance"),
        _("A balance is below its warning level or too low for an order."),
        _("The balance at %(provider)s is low: %(balance)s."),
        "orders.view_cost",
        "warn",
        "wallet",
        "providers:detail",
        detectors.find_low_balances,
        "provider_id",
    ),
    NoticeType(
        "price_jump",
        _("Price jump"),
        _("Services are closed until their new price is accepted."),
        _("%(provider)s changed prices by more than allowed. Services closed until accepted: %(count)s."),
        "providers.accept_catalogue",
        "warn",
        "arrow-trending-up",
        "providers:detail",
        detectors.find_price_jumps,
        "provider_id",
    ),
    NoticeType(
        "held_catalogue",
        _("Catalogue held"),
        _("A service list looks wrong and wasn’t accepted."),
        _("The catalogue of %(provider)s is on hold: %(reason)s"),
        "providers.accept_catalogue",
        "warn",
        "archive-box",
        "providers:detail",
        detectors.find_held_catalogues,
        "provider_id",
    ),
    NoticeType(
        "service_closed",
        _("Service closed with open orders"),
        _("A provider no longer lists a service that has open orders."),
        _("%(provider)s no longer lists “%(service)s”; open orders: %(count)s."),
        "orders.view_order",
        "info",
        "no-symbol",
        "providers:service",
        detectors.find_closed_services,
        "service_id",
    ),
    NoticeType(
        "refill_ending",
        _("Refill ending"),
        _("The refill of completed orders ends within two days."),
        _("The refill of orders at %(provider)s ends within two days: %(count)s."),
        "orders.aftercare_order",
        "info",
        "clock",
        "orders:list",
        detectors.find_ending_refills,
        query="tab=refill_ending",
    ),
    NoticeType(
        "ticket_due",
        _("Ticket reminder"),
        _("A provider hasn’t answered what you wrote."),
        _("Ticket #%(ticket)s at %(provider)s has no answer yet."),
        "orders.change_order",
        "info",
        "envelope",
        "orders:ticket",
        detectors.find_due_tickets,
        "ticket",
    ),
    NoticeType(
        "schedule_held",
        _("Schedule held"),
        _("A schedule is on hold because its next order can no longer be placed."),
        _("Schedule #%(schedule)s at %(provider)s is on hold: %(reason)s"),
        "orders.change_schedule",
        "warn",
        "calendar-days",
        "orders:schedule_detail",
        detectors.find_held_schedules,
        "schedule",
    ),
    NoticeType(
        "schedule_missed",
        _("Scheduled orders missed"),
        _("Scheduled orders were missed while the hub was stopped."),
        _("Schedule #%(schedule)s at %(provider)s missed orders: %(count)s."),
        "orders.change_schedule",
        "warn",
        "calendar-days",
        "orders:schedule_detail",
        detectors.find_missed_runs,
        "schedule",
    ),
    NoticeType(
        digest.KIND,
        _("Daily digest"),
        _("Once a day: what waits, what ends, and what was spent."),
        _(
            "Today: held %(held)s, unconfirmed %(unconfirmed)s, slow %(slow)s, refills ending %(ending)s, "
            "scheduled %(scheduled)s, tickets without an answer %(tickets)s."
        ),
        digest.PERMISSION,
        "info",
        "calendar-days",
        "orders:dashboard",
        digest.find_digests,
        priced_title=_(
            "Today: held %(held)s, unconfirmed %(unconfirmed)s, slow %(slow)s, refills ending %(ending)s, "
            "scheduled %(scheduled)s, tickets without an answer %(tickets)s. Spent yesterday: %(spent)s."
        ),
    ),
    NoticeType(
        "not_alive",
        _("Schedule or workers dead"),
        _("Orders aren’t sent and statuses aren’t updated."),
        _("Part of the hub stopped: %(part)s."),
        "providers.run_jobs",
        "bad",
        "signal-slash",
        "jobs",
        detectors.find_dead_parts,
    ),
    NoticeType(
        "password_set",
        _("Your password was changed by another person"),
        _("An administrator changed your password."),
        _("%(who)s changed your password on %(when)s. If you didn’t expect this, ask them."),
        "orders.view_order",
        "warn",
        "key",
        "password_change",
        detectors.find_handed_passwords,
    ),
)
BY_SLUG: Final[Mapping[str, NoticeType]] = {kind.slug: kind for kind in NOTICE_TYPES}
NOT_ALIVE: Final = BY_SLUG["not_alive"]


def kinds_for(user: Any) -> list[NoticeType]:
    """Return the notice types that a person gets."""
    return [kind for kind in NOTICE_TYPES if user.has_perm(kind.permission)]
