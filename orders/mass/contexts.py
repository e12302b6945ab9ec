"""What the pages of mass orders show, put together in a fixed number of statements."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from orders import statuses
from orders.listing.rows import words_beside
from orders.mass.services import Status
from orders.models import MassLine, MassOrder, Order
from orders.statuses import LIVE
from panelhub.db.aggregates import MoneySum
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import badge, format_count, format_money
from panelhub.ui.pagination import Sort, number
from providers.permissions import Seen

PAGE_SIZE: Final = 50
NEWEST: Final = Sort("newest", _("Newest first"), ("id",), (number,), descending=True)
BY_NUMBER: Final = Sort("number", _("By line number"), ("number",), (number,))
TONES: Final[Mapping[str, str]] = {
    Status.CHECKING: "info",
    Status.READY: "neutral",
    Status.PLACING: "active",
    Status.PAUSED: "warn",
    Status.DONE: "good",
    Status.WITHDRAWN: "neutral",
}
GOOD: Final = Q(fault="", order=None)
SHOWN: Final[Mapping[str, tuple[Any, Q]]] = {
    "": (_("All lines"), Q()),
    "faults": (_("Errors"), ~Q(fault="")),
    "warnings": (_("Warnings"), GOOD & ~Q(warning="")),
    "orders": (_("Ordered"), Q(order__isnull=False)),
}
COLUMNS: Final = (
    "pk", "number", "text", "provider_id", "service__external_id", "service__name", "link", "quantity",
    "expected_charge", "fault", "warning", "order_id", "order__status", "order__provider_status", "order__error",
    "order__external_id", "order__charge", "order__currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """How many lines there are of each kind, and in which states their orders are.

    ``plain`` and ``warned`` can be ordered still, the latter by whoever agrees to it.
    """

    total: int
    faulty: int
    plain: int
    warned: int
    ordered: int
    by_status: Mapping[str, int]

    @property
    def unsent(self) -> int:
        """Orders that can still be withdrawn."""
        return sum(self.by_status.get(status, 0) for status in statuses.UNSENT)

    @property
    def queued(self) -> int:
        """Orders that wait to be sent."""
        return self.by_status.get(statuses.QUEUED, 0)

    @property
    def is_moving(self) -> bool:
        """Whether something changes by itself."""
        return any(self.by_status.get(status) for status in LIVE - {statuses.HELD, statuses.UNCONFIRMED})

    @property
    def dealt_with(self) -> int:
        """Orders that left the hub's queue, one way or another."""
        return self.ordered - self.unsent - self.by_status.get(statuses.SENDING, 0)


def load_figures(batch: MassOrder) -> Figures:
    """Return the figures of a batch; two statements."""
    counted = MassLine.objects.filter(mass_order=batch).aggregate(
        total=Count("pk"),
        faulty=Count("pk", filter=~Q(fault="")),
        plain=Count("pk", filter=GOOD & Q(warning="")),
        warned=Count("pk", filter=GOOD & ~Q(warning="")),
        ordered=Count("order"),
    )
    found = Order.objects.filter(mass_order=batch).order_by().values_list("status").annotate(orders=Count("pk"))
    return Figures(**counted, by_status=dict(found))


def mark_of_batch(batch: MassOrder, figures: Figures) -> str:
    """Return a short mark of all that the head of the page shows and that may change."""
    shown = (batch.status, batch.summary.get("stopped"), figures)
    return f"batch:{zlib.crc32(repr(shown).encode()):x}"


def open_steps(batch: MassOrder, figures: Figures) -> frozenset[str]:
    """Return the steps that make sense for a batch as it stands (:data:`orders.mass.views.steps.STEPS`)."""
    status, waits = batch.status, figures.plain + figures.warned
    is_idle = status in (Status.READY, Status.DONE)
    makes_sense = {
        "place": is_idle and waits > 0,
        "check": (is_idle or status == Status.PAUSED) and figures.ordered < figures.total,
        "pause": status == Status.PLACING or (status == Status.DONE and figures.queued > 0),
        "resume": status == Status.PAUSED,
        "withdraw": status in (Status.READY, Status.PLACING, Status.PAUSED) or figures.unsent > 0,
    }
    return frozenset(step for step, sense in makes_sense.items() if sense)


@dataclass(frozen=True, slots=True)
class ProviderSum:
    """The cost of the waiting lines at one provider, and its balance."""

    provider: str
    is_sandbox: bool
    pause: str
    lines: str
    charge: SafeString
    warned: str
    warned_charge: SafeString
    balance: SafeString
    after: SafeString
    is_short: bool
    is_open: bool


def sums_of(batch: MassOrder, providers: Mapping[int, Seen]) -> Iterator[ProviderSum]:
    """Yield the total expected charge of the lines that wait, per provider; one statement."""
    plain, warned = Q(warning=""), ~Q(warning="")
    found = (
        MassLine.objects.filter(GOOD, mass_order=batch, provider_id__in=list(providers))
        .order_by("provider__name")
        .values_list("provider_id")
        .annotate(
            lines=Count("pk", filter=plain),
            charge=MoneySum("expected_charge", filter=plain),
            odd=Count("pk", filter=warned),
            odd_charge=MoneySum("expected_charge", filter=warned),
            unpriced=Count("pk", filter=Q(expected_charge=None)),
        )
    )
    for provider_id, lines, charge, odd, odd_charge, unpriced in found:
        seen = providers[provider_id]
        charge = charge or Decimal(0)
        after = None if seen.balance is None else seen.balance - charge
        yield ProviderSum(
            provider=seen.name,
            is_sandbox=seen.is_sandbox,
            pause=seen.pause_kind,
            lines=format_count(lines),
            charge=format_money(charge, seen.currency),
            warned=format_count(odd) if odd else "",
            warned_charge=format_money(odd_charge or Decimal(0), seen.currency),
            balance=format_money(seen.balance, seen.currency),
            after=format_money(after, seen.currency),
            is_short=after is not None and after < 0,
            is_open=bool(unpriced),
        )


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line as the page shows it; ``mark`` is "" when nothing of it changes by itself."""

    pk: int
    place: int
    number: str
    provider: str
    service_id: str
    service: str
    link: str
    text: str
    quantity: str
    charge: SafeString
    fault: str
    warning: str
    badge: SafeString | str
    words: str
    url: str
    order: int | None
    mark: str
    changed: bool = False


def rows_of(
    found: Iterable[Mapping[str, Any]],
    *,
    providers: Mapping[int, Seen],
    is_placing: bool,
    sees_cost: bool,
    changed: bool = False,
) -> list[LineRow]:
    """Return the rows for ``found`` (their :data:`COLUMNS`)."""
    pattern = reverse("orders:detail", args=[0])
    return [
        _row(values, pattern, providers, is_placing=is_placing, sees_cost=sees_cost, changed=changed)
        for values in found
    ]


def _row(
    values: Mapping[str, Any],
    pattern: str,
    providers: Mapping[int, Seen],
    *,
    is_placing: bool,
    sees_cost: bool,
    changed: bool,
) -> LineRow:
    pk, order, status = values["pk"], values["order_id"], values["order__status"] or ""
    seen = providers.get(values["provider_id"])
    charge = values["order__charge"] if values["order__charge"] is not None else values["expected_charge"]
    currency = values["order__currency"] or (seen.currency if seen else "")
    words = words_beside(status, values["order__provider_status"] or "", values["order__error"] or "")
    moves = status in LIVE or (is_placing and not values["fault"] and order is None)
    return LineRow(
        pk=pk,
        place=values["number"],
        number=format_count(values["number"]),
        provider=seen.name if seen else "",
        service_id=values["service__external_id"] or "",
        service=values["service__name"] or "",
        link=values["link"],
        text=values["text"],
        quantity=format_count(values["quantity"]) if values["quantity"] is not None else "",
        charge=format_money(charge, currency) if sees_cost and charge is not None else SafeString(""),
        fault=values["fault"],
        warning=values["warning"] if order is None else "",
        badge=badge(status).html if status else "",
        words=words if sees_cost else hide_amounts(words),
        url=pattern.replace("/0/", f"/{order}/") if order else "",
        order=order,
        mark=f"{pk}:{mark_of_line(values)}" if moves else "",
        changed=changed,
    )


def mark_of_line(values: Mapping[str, Any]) -> str:
    """Return a short mark of all that a row shows and that may change."""
    names = ("fault", "order_id", "order__status", "order__provider_status", "order__error", "order__charge")
    return f"{zlib.crc32(repr([values[name] for name in names]).encode()):x}"


OUTCOME_COLUMNS: Final = (
    "number", "provider__name", "service__external_id", "service__name", "link", "quantity", "text", "fault",
    "warning", "order_id", "order__status", "order__external_id", "order__provider_status", "order__error",
    "order__start_count", "order__remains",
)  # fmt: skip
COST_COLUMNS: Final = ("expected_charge", "order__charge", "order__currency")
WORDS: Final = frozenset({"order__error", "order__provider_status"})
OUTCOME_HEADER: Final = (
    "line", "provider", "service", "service name", "link", "quantity", "as typed", "fault", "warning", "order",
    "status", "provider's id", "provider's word", "error", "start count", "remains",
)  # fmt: skip
COST_HEADER: Final = ("expected charge", "charge", "currency")


def outcome_rows(batch: MassOrder, *, sees_cost: bool) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
    """Return the header and the rows of the result of each line, for a download; read while it is sent."""
    columns = OUTCOME_COLUMNS + (COST_COLUMNS if sees_cost else ())
    header = OUTCOME_HEADER + (COST_HEADER if sees_cost else ())
    lines: QuerySet[Any] = batch.lines.order_by("number")
    rows = lines.values_list(*columns).iterator(chunk_size=1_000)
    if sees_cost:
        return header, iter(rows)
    struck = [name in WORDS for name in columns]
    return header, (
        tuple(hide_amounts(one) if one and is_struck else one for one, is_struck in zip(row, struck, strict=True))
        for row in rows
    )
