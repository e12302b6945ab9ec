"""Mass orders: many lines, checked before anything is sent, then placed in the background.

    ready → placing → done          every line that could be ordered is an order
            placing ⇄ paused        nothing more is made, what is queued is held
            any → withdrawn         what has not been sent is withdrawn

Orders are made a thousand at a time (:mod:`orders.mass.placement`); from then on each goes its
own way like any other. Every step is one conditional UPDATE of the mass order's row first,
whose lock a placing worker holds while it makes its thousand: so nothing slips through between.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from orders import statuses
from orders.link_hooks import stop_chains
from orders.mass.catalogue import Catalogue
from orders.mass.order_moves import PAUSED_WITH_BATCH, hold_orders, move_orders
from orders.mass.queries import BEGUN, twin_of, waiting_lines
from orders.mass.reader.lines import Reading
from orders.mass.stored_lines import COLUMNS, LINE_FIELDS, NO_ORDER, read_back, row_of
from orders.mass.validation import LineChecker, chunks, describe_mends
from orders.models import MassLine, MassOrder, Order
from orders.permissions import may_order
from orders.placement import spending_limits
from orders.placement.bulk_orders import SUBMIT
from orders.placement.client_choice import choose_client, put_client
from orders.placement.form_tokens import TokenReused, tokens_of
from orders.placement.validation import OrderInvalid
from panelhub import audit
from panelhub.background.dispatch import notify_worker
from panelhub.db.aggregates import MoneySum
from panelhub.db.bulk import insert_rows, update_rows
from panelhub.http.request_id import current_id
from panelhub.schedule import CLICKS

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

Status = MassOrder.Status
BUNDLE = attrgetter("part_of")

PLACE: Final = "orders.mass.tasks.place_due"
MENDABLE: Final = (Status.READY, Status.PAUSED, Status.DONE)
"""Lines that are no orders yet may be typed again and checked."""


class NotNow(Exception):
    """A step cannot be taken; ``str()`` of it is a sentence for the person who tried."""


def create_mass_order(
    *,
    user: Any,
    reading: Reading,
    catalogue: Catalogue,
    provider_id: int | None = None,
    name: str = "",
    client_label: str = "",
    form_token: uuid.UUID | None = None,
    request: HttpRequest | None = None,
) -> MassOrder:
    """Store what was read, each line checked; nothing is ordered. The same ``form_token`` of the same
    person gives the same row, and raises :class:`TokenReused` with other lines. Raises :class:`OrderInvalid` for a
    client that the person may not order for."""
    digest = reading.digest(str(provider_id or ""))
    if form_token is not None:
        kept_as = tokens_of(form_token, user=user, source="mass")
        form_token = kept_as[0]
        made = MassOrder.objects.filter(uid__in=kept_as, created_by=user).first()
        if made is not None:
            return _same_as(made, digest)
    checker = LineChecker(catalogue, columns=reading.columns, is_guessed=reading.is_guessed)
    outcomes = [outcome for lines in chunks(reading.lines, together=BUNDLE) for outcome in checker.check(lines)]
    batch = MassOrder(
        created_by=user,
        name=name[:200],
        body_hash=digest,
        status=Status.READY,
        total=len(outcomes),
        good=sum(1 for outcome in outcomes if not outcome.fault),
        summary={
            "notices": [*reading.notices, *describe_mends(outcomes)],
            "provider": provider_id,
            "columns": sorted(reading.columns),
            "is_guessed": reading.is_guessed,
        },
    )
    if form_token:
        batch.uid = form_token
    try:
        with transaction.atomic():
            put_client(batch, choose_client(user, client_label))
            batch.save(force_insert=True)
            for part in chunks(outcomes):
                insert_rows(MassLine, COLUMNS, [row_of(outcome) for outcome in part], mass_order=batch.pk)
            summary = f"{batch.total} lines, {batch.good} without a fault"
            audit.record(user, "mass.checked", batch, summary, request)
    except IntegrityError:
        made = MassOrder.objects.filter(uid=form_token).first() if form_token else None
        if made is None:
            raise
        return _same_as(made, digest)
    return batch


def _same_as(made: MassOrder, digest: str) -> MassOrder:
    if made.body_hash != digest:
        raise TokenReused
    return made


def check_again(batch: MassOrder, *, by: Any) -> MassOrder:
    """Check the lines that are no orders yet once more: the catalogue may have changed since.

    Raises :class:`NotNow` while the batch is being placed.
    """
    catalogue = Catalogue(user=by, default_provider_id=batch.summary.get("provider"))
    checker = LineChecker(
        catalogue, columns=batch.summary.get("columns", ()), is_guessed=batch.summary.get("is_guessed", False)
    )
    unplaced = batch.lines.filter(order=None).order_by("number").values_list(*LINE_FIELDS)
    rows: dict[int, tuple[Any, tuple[Any, ...]]] = {}
    for part in chunks(list(unplaced), together=itemgetter(-1)):
        outcomes = checker.check([read_back(values) for values in part])
        rows |= {values[0]: (values, row_of(outcome)[2:]) for values, outcome in zip(part, outcomes, strict=True)}
    with transaction.atomic():
        lock_batch(batch, sources=MENDABLE)
        # A line that was edited while this one looked has been checked by whoever edited it.
        same = [(pk, *rows[pk][1]) for pk, *rest in unplaced.all() if pk in rows and rows[pk][0] == (pk, *rest)]
        for part in chunks(same):
            update_rows(MassLine, COLUMNS[2:], part, only_if=NO_ORDER)
        batch.good = batch.lines.filter(fault="").count()
        MassOrder.objects.filter(pk=batch.pk).update(good=batch.good)
    return batch


def start_placing(
    batch: MassOrder,
    *,
    by: Any,
    with_warnings: bool = False,
    despite_twin: bool = False,
    request: HttpRequest | None = None,
) -> None:
    """Begin to make orders of the good lines, in the background; raises :class:`NotNow` with the reason.

    Lines with a warning are left out unless ``with_warnings``. Lines that were ordered already
    as another mass order need ``despite_twin``. The day's spending limit is looked at for all
    lines together, and counted again as the orders are made.
    """
    with transaction.atomic():
        # In one order, so that of two uploads of the same lines one is begun and the other gets an error.
        same = Q(pk=batch.pk) | (Q(body_hash=batch.body_hash) if batch.body_hash else Q(pk=batch.pk))
        list(MassOrder.objects.filter(same).order_by("pk").select_for_update().values_list("pk", flat=True))
        twin = twin_of(batch)
        if twin is not None and (twin.placed or twin.status in BEGUN) and not despite_twin:
            raise NotNow(_("These lines were already ordered in mass order #%(pk)s.") % {"pk": twin.pk})
        lock_batch(batch, sources=(Status.READY, Status.DONE), to=Status.PLACING)
        waiting = waiting_lines(batch, with_warnings=with_warnings)
        charges = waiting.order_by().values_list("provider__currency").annotate(total=MoneySum("expected_charge"))
        spendings = [spending_limits.Spending(total, currency) for currency, total in charges]
        if not spendings:
            raise NotNow(_("None of these lines can be ordered."))
        try:
            spending_limits.check_limit(by, spendings)
        except OrderInvalid as refusal:
            raise NotNow(str(refusal)) from None
        batch.summary = batch.summary | {"with_warnings": with_warnings, "placed_by": by.pk, "stopped": ""}
        batch.summary["request_id"] = current_id()
        MassOrder.objects.filter(pk=batch.pk).update(summary=batch.summary)
        audit.record(by, "mass.placed", batch, f"{batch.good} lines", request, with_warnings=with_warnings)
        notify_worker(PLACE, queue=CLICKS)


def pause(batch: MassOrder, *, by: Any, request: HttpRequest | None = None) -> int:
    """Make no more orders, and hold those that are not sent yet; returns how many are held.

    Raises :class:`NotNow` when there is nothing to pause.
    """
    with transaction.atomic():
        lock_batch(batch, sources=(Status.PLACING, Status.DONE), to=Status.PAUSED)
        held = hold_orders([batch.pk], by=by)
        audit.record(by, "mass.paused", batch, f"{held} orders held", request)
    return held


def resume(batch: MassOrder, *, by: Any, request: HttpRequest | None = None) -> int:
    """Go on where a pause stopped; returns how many orders are queued again. Raises :class:`NotNow`."""
    with transaction.atomic():
        lock_batch(batch, sources=(Status.PAUSED,), to=Status.PLACING)
        batch.summary = batch.summary | {"stopped": ""} | _taken_over(batch, by)
        MassOrder.objects.filter(pk=batch.pk).update(summary=batch.summary)
        queued = move_orders(
            [batch.pk], before=statuses.HELD, after=statuses.QUEUED, by=by, only_held_for=PAUSED_WITH_BATCH
        )
        audit.record(by, "mass.resumed", batch, f"{len(queued)} orders queued again", request)
        for provider_id in sorted({provider_id for _pk, provider_id in queued}):
            notify_worker(SUBMIT, provider_id, queue=CLICKS)
        notify_worker(PLACE, queue=CLICKS)
    return len(queued)


def _taken_over(batch: MassOrder, by: Any) -> dict[str, Any]:
    """Whoever resumes what its buyer may not order any more is its buyer from then on."""
    buyer = get_user_model().objects.filter(pk=batch.summary.get("placed_by")).first()
    return {"placed_by": by.pk} if buyer is not None and not may_order(buyer) and may_order(by) else {}


def withdraw(batch: MassOrder, *, by: Any, request: HttpRequest | None = None) -> int:
    """Withdraw what has not been sent and make no more orders; return how many orders were withdrawn.

    What is being sent, or was, is not touched, nor is what a late answer says was accepted. Can be
    requested again while anything is unsent.
    """
    with transaction.atomic():
        lock_batch(batch, sources=tuple(Status), to=Status.WITHDRAWN)
        stop_chains(Order.objects.filter(mass_order=batch.pk, chain__isnull=False).values("pk"), by=by)
        back = 0
        for before in (statuses.QUEUED, statuses.HELD):
            back += len(
                move_orders(
                    [batch.pk], before=before, after=statuses.WITHDRAWN, by=by, not_held_for=statuses.LATE_ANSWER
                )
            )
        audit.record(by, "mass.withdrawn", batch, f"{back} orders withdrawn", request)
    return back


def lock_batch(batch: MassOrder, *, sources: Sequence[str], to: str | None = None) -> None:
    """Take the row's lock and move its state, if it still has one of ``sources``; raises :class:`NotNow`."""
    row = MassOrder.objects.filter(pk=batch.pk, status__in=sources)
    if not row.update(**({"status": to} if to else {"total": batch.total})):
        raise NotNow(_("This mass order has changed. Reload the page."))
    batch.refresh_from_db(fields=["status", "summary", "placed", "good"])
