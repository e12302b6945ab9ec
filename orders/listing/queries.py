"""Order list queries: the filters of the list, and how its rows look.

These are all filters and sorts, each with its index:

=============  =====================================================================
tab, state     ``order_by_status`` (state, newest first), one short scan per state
provider       ``order_by_provider``
person         ``order_by_person``
service        ``order_by_service``
client         ``order_of_client``
mass order     ``order_by_mass``
period         ``order_by_time``; the list then runs by time
search         the key, ``order_id_once_per_provider`` with each provider's key, ``order_by_target``,
               ``order_of_client``; parts of a link, a client or a note among the newest ``SPAN``
by status      ``order_by_status``, read backwards for the other direction
by provider    ``order_by_provider``, the same
slow           the orders that a job wrote down, by their keys
refill ending  ``refill_window_by_end``; the orders by their keys
refillable     ``order_by_status``; service and refills by their keys, row by row
=============  =====================================================================
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import statuses
from orders.aftercare.eligibility import ON_ITS_WAY, REFILLABLE
from orders.links import search_keys
from orders.models import Cancellation, Client, Order, Refill, RefillWindow, SlowOrder
from orders.models.client import LONGEST_NAME
from panelhub.db.aggregates import CAP
from panelhub.http.request_id import is_id
from panelhub.ui.pagination import Sort, moment, number

PAGE_SIZE: Final = 50
LONGEST_SEARCH: Final = 2_000
# No index knows parts of a text: they are looked for among so many of the newest orders.
SPAN: Final = 20_000
SHORTEST_PART: Final = 3


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the list that everybody has: orders in ``statuses`` (none: in all) that meet ``condition``, if any.

    How many there are is counted up to ``cap``.
    """

    slug: str
    label: Any
    statuses: tuple[str, ...] = ()
    tone: str = ""
    condition: Q | None = None
    cap: int = CAP

    def narrow(self, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Return the rows of ``queryset`` that are in this view."""
        wanted = queryset if self.condition is None else queryset.filter(self.condition)
        return wanted.filter(status__in=self.statuses) if self.statuses else wanted


# One without an id can never be seen to end: the order may be refilled again.
_RUNNING: Final = Q(status__in=ON_ITS_WAY) | Q(status__in=statuses.REFILL_OPEN, external_id__isnull=False)
REFILL_OFFERED: Final = Q(
    ~Exists(Refill.objects.filter(_RUNNING, order=OuterRef("pk"))), external_id__isnull=False, service__refill=True
)

REFILL_ENDS_WITHIN: Final = timedelta(days=7)
# Found from the windows that end, which are few, and not from all orders that were completed.
_REFILL_ENDING: Final = Q(
    pk__in=RefillWindow.objects.filter(
        ends_at__gt=Now(),
        ends_at__lte=ExpressionWrapper(Now() + REFILL_ENDS_WITHIN, output_field=DateTimeField()),
    ).values("pk"),
    status__in=sorted(REFILLABLE),
)

_SLOW: Final = Q(pk__in=SlowOrder.objects.values("pk"), status__in=sorted(statuses.OPEN))

TABS: Final[tuple[Tab, ...]] = (
    Tab("", _("All")),
    Tab("attention", _("Needs attention"), (statuses.HELD, statuses.UNCONFIRMED), tone="alert"),
    Tab("active", _("Active"), (statuses.QUEUED, statuses.SENDING, *sorted(statuses.OPEN))),
    # Few, and written down by a job: how long an order takes is not in an index.
    Tab(
        "slow", _("Slow"), condition=Q(pk__in=SlowOrder.objects.values("pk"), status__in=sorted(statuses.OPEN)), cap=100
    ),
    # Counting these reads a service and the refills of each: up to a hundred is quick, and enough to know.
    Tab("refillable", _("Refillable"), tuple(sorted(REFILLABLE)), condition=REFILL_OFFERED, cap=100),
    Tab("refill_ending", _("Refill ending"), condition=_REFILL_ENDING, tone="warn", cap=100),
    Tab("done", _("Done"), tuple(sorted(statuses.FINAL))),
    Tab("refused", _("Not placed"), ("rejected", statuses.WITHDRAWN, statuses.GIVEN_UP)),
)
NEWEST: Final = Sort("newest", _("Newest first"), ("id",), (number,), descending=True)
OLDEST: Final = Sort("oldest", _("Oldest first"), ("id",), (number,))
OLDEST_BY_TIME: Final = Sort("oldest", _("Oldest first"), ("created_at", "id"), (moment, number))
BY_TIME: Final = Sort("newest", _("Newest first"), ("created_at", "id"), (moment, number), descending=True)
# Newest first in each group, as the indexes have them; the other direction is the same list from its end.
_BY_STATUS: Final = Sort("status", _("Status"), ("status", "id"), (str, number), opposed=("id",))
_BY_PROVIDER: Final = Sort("provider", _("Provider"), ("provider_id", "id"), (number, number), opposed=("id",))
SORTS: Final = {
    sort.slug: sort
    for one in (_BY_STATUS, _BY_PROVIDER)
    for sort in (one, replace(one, slug=f"-{one.slug}", descending=True))
}

COLUMNS: Final = (
    "pk", "status", "provider_status", "provider_id", "external_id", "link", "quantity", "billed_quantity",
    "start_count", "remains", "charge", "expected_charge", "currency", "error", "created_at", "service__external_id",
    "service__name", "created_by__username", "held_for", "client_label",
    "refill_window__counted_from", "refill_window__ends_at", "slow__usual_seconds", "slow__since", "placed_at",
    "moved_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderSearch:
    """A search of the list; every field may be empty."""

    tab: str = ""
    q: str = ""
    status: str = ""
    provider: int | None = None
    person: int | None = None
    service: int | None = None
    client: str = ""
    mass: int | None = None
    since: Any = None
    until: Any = None
    order: str = ""

    @property
    def sort(self) -> Sort:
        """The order of the rows: as requested, else by key, or by time where a period bounds them."""
        if self.order in SORTS:
            return SORTS[self.order]
        in_period = self.since or self.until
        if self.order == OLDEST.slug:
            return OLDEST_BY_TIME if in_period else OLDEST
        return BY_TIME if in_period else NEWEST

    @property
    def statuses(self) -> tuple[str, ...]:
        """Return the requested states; none means all."""
        return (self.status,) if self.status else self.view.statuses

    @property
    def view(self) -> Tab:
        """The tab that is open; the first when there is no such tab."""
        return next((tab for tab in TABS if tab.slug == self.tab), TABS[0])


def find_orders(visible_orders: QuerySet[Order], search: OrderSearch) -> QuerySet[Order]:
    """Return those of ``visible_orders`` that match ``search``, text and states aside (see :func:`branches_of`)."""
    return visible_orders.filter(_conditions(search))


def search_orders(
    visible_orders: QuerySet[Order], search: OrderSearch, *, provider_ids: Sequence[int]
) -> QuerySet[Order]:
    """Return all orders of ``visible_orders`` that match ``search``, in one queryset:
    counted, exported, acted upon.
    """
    found = find_orders(visible_orders, search)
    branches = branches_of(search, provider_ids=provider_ids)
    return found.filter(reduce(or_, branches)) if branches else found


def branches_of(search: OrderSearch, *, provider_ids: Sequence[int]) -> list[Q]:
    """Return the parts into which a search falls, each with an index of its own; none when there is only one.

    A state's rows lie together in the index, those of several states do not, nor do a key's and a
    link's. ``provider_ids`` are all that may be looked through.
    """
    statuses = search.statuses
    text = search.q.strip()[:LONGEST_SEARCH]
    if text:
        states_wanted = Q(status__in=statuses) if statuses else Q()
        return [found & states_wanted for found in _by_text(text, provider_ids)]
    return [Q(status=status) for status in statuses]


def _conditions(search: OrderSearch) -> Q:
    wanted = search.view.condition or Q()
    for column, value in (
        ("provider_id", search.provider),
        ("created_by_id", search.person),
        ("service_id", search.service),
        ("mass_order_id", search.mass),
    ):
        if value is not None:
            wanted &= Q(**{column: value})
    if search.client:
        wanted &= Q(client=client_named(search.client))
    if search.since:
        wanted &= Q(created_at__gte=start_of(search.since))
    if search.until:
        wanted &= Q(created_at__lt=start_of(search.until) + timedelta(days=1))
    return wanted


def start_of(day: Any) -> datetime:
    """Return the first moment of a day where the reader lives."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _newest() -> Any:
    """Return the key above which the newest ``SPAN`` orders lie, as an expression."""
    return Coalesce(Subquery(Order.objects.order_by("-pk").values("pk")[SPAN : SPAN + 1]), Value(0))


def client_named(name: str) -> Subquery:
    """Return the key of the client with this name, as part of a statement."""
    return Subquery(Client.objects.filter(name=name[:LONGEST_NAME]).order_by().values("pk")[:1])


def _by_text(text: str, provider_ids: Sequence[int]) -> list[Q]:
    """Return an order by our number (``#12`` or ``12``), the provider's, its link (in any spelling, by name or code),
    or the id of the click that made it.
    """
    wanted = [Q(target_key__in=search_keys(text)), Q(client=client_named(text))]
    if len(text) >= SHORTEST_PART:
        parts = Q(link__icontains=text) | Q(client_label__icontains=text) | Q(note__icontains=text)
        wanted.append(Q(pk__gt=_newest()) & parts)
    if provider_ids:
        wanted.append(Q(provider_id__in=provider_ids, external_id=text[:100]))
    if is_id(text):
        wanted += [Q(request_id=text), Q(request_id__startswith=f"{text}.")]
        # What the click requested may be the refill or the cancellation of an order that another one made.
        wanted += [Q(pk__in=model.objects.filter(request_id=text).values("order")) for model in (Refill, Cancellation)]
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        wanted.append(Q(pk=int(digits)))
    return wanted


def mark_of(row: Mapping[str, Any]) -> str:
    """Return a short mark of all that a row of the list shows and that may change."""
    shown = (
        row["status"],
        row["provider_status"],
        row["start_count"],
        row["remains"],
        row["charge"],
        row["external_id"],
        row["error"],
    )
    return f"{zlib.crc32(repr(shown).encode()):x}"
