"""Mass orders: many lines, checked before anything is sent, then placed in the background.

    ready → placing → done          every line that could be ordered is an order
            placing ⇄ paused        nothing more is made, what is queued is held
            any → withdrawn         what has not been sent is taken back

Orders are made a thousand at a time (:mod:`orders.mass.placement`); from then on each goes its
own way like any other. Every step is one conditional UPDATE of the mass order's row first,
whose lock a placing worker holds while it makes its thousand: so nothing slips through between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _

from orders import statuses
from orders.mass.reader.lines import Reading, ReadLine
from orders.mass.validation import SENTENCES, Catalogue, LineChecker, LineResult, chunks, describe_mends
from orders.models import MassLine, MassOrder, Order, OrderEvent
from orders.permissions import granted_provider_ids
from orders.placement import spending_limits
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

PLACE: Final = "orders.mass.tasks.place_due"
BEGUN: Final = (Status.PLACING, Status.PAUSED)
"""Somebody said that it be placed, and lines that are no orders yet may become some."""
MENDABLE: Final = (Status.READY, Status.PAUSED, Status.DONE)
"""Lines that are no orders yet may be typed again and checked."""
SUBMIT: Final = "orders.submission.tasks.submit_provider"
PAUSED_WITH_BATCH: Final = "mass_pause"
READ_FAULT: Final = "_fault"
"""Under this name a line keeps a fault of how it was read, to be known when it is checked again."""

COLUMNS: Final = (
    "number", "text", "provider", "service", "link", "quantity", "parameters", "expected_charge", "fault", "warning",
)  # fmt: skip

# Said so that SQLite walks the new values and not the index of the lines that have no order, for each of them.
NO_ORDER: Final = "COALESCE(t.order_id, 0) = 0"


class NotNow(Exception):
    """A step cannot be taken; ``str()`` of it is a sentence for the person who asked."""


def mass_orders_for(user: Any) -> QuerySet[MassOrder]:
    """Mass orders a person may see: their own, and those that name no provider they are not granted."""
    granted = granted_provider_ids(user)
    if granted is None:
        return MassOrder.objects.all()
    elsewhere = MassLine.objects.filter(mass_order=OuterRef("pk")).exclude(provider_id__in=granted)
    return MassOrder.objects.filter(Q(created_by=user) | ~Exists(elsewhere.filter(provider__isnull=False)))


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
    """Keep what was read, each line checked; nothing is ordered. The same ``form_token`` of the same
    person gives the same row, and raises :class:`TokenReused` with other lines."""
    digest = reading.digest(str(provider_id or ""))
    if form_token is not None:
        kept_as = tokens_of(form_token, user=user, source="mass")
        form_token = kept_as[0]
        made = MassOrder.objects.filter(uid__in=kept_as, created_by=user).first()
        if made is not None:
            return _same_as(made, digest)
    checker = LineChecker(catalogue, columns=reading.columns, is_guessed=reading.is_guessed)
    outcomes = [outcome for lines in chunks(reading.lines) for outcome in checker.check(lines)]
    batch = MassOrder(
        created_by=user,
        name=name[:200],
        client_label=client_label[:100],
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


def row_of(outcome: LineResult) -> tuple[Any, ...]:
    """A line as it is kept: a good one in its columns, of a faulty one everything as it was typed."""
    line, checked = outcome.line, outcome.checked
    service_id = outcome.rules.service.pk if outcome.rules else None
    start = (line.number, line.text, outcome.provider_id, service_id)
    if checked is None:
        typed = dict(line.fields)
        if line.fault:
            typed[READ_FAULT] = line.fault[:SENTENCES]
        return (*start, "", None, typed, None, outcome.fault, "")
    return (*start, checked.link, checked.quantity, checked.parameters, checked.price.expected, "", outcome.warning)


LINE_FIELDS: Final = (
    "pk", "number", "text", "provider__name", "service__external_id", "link", "quantity", "parameters",
)  # fmt: skip


def read_back(values: Sequence[Any]) -> ReadLine:
    """A kept line (its :data:`LINE_FIELDS`) as if it were read anew."""
    _pk, number, text, provider, service, link, quantity, parameters = values
    known = {"provider": provider, "service": service, "link": link, "quantity": quantity}
    fields = {name: str(value) for name, value in known.items() if value not in (None, "")} | parameters
    fault = fields.pop(READ_FAULT, "")
    return ReadLine(number, text, fields, fault)


def check_again(batch: MassOrder, *, by: Any) -> MassOrder:
    """Check the lines that are no orders yet once more: the catalogue may have changed since.

    Raises :class:`NotNow` while the batch is being placed.
    """
    catalogue = Catalogue(user=by, default_provider_id=batch.summary.get("provider"))
    checker = LineChecker(
        catalogue, columns=batch.summary.get("columns", ()), is_guessed=batch.summary.get("is_guessed", False)
    )
    lines = list(batch.lines.filter(order=None).order_by("number").values_list(*LINE_FIELDS))
    good = 0
    rows: list[tuple[Any, ...]] = []
    for part in chunks(lines):
        outcomes = checker.check([read_back(values) for values in part])
        good += sum(1 for outcome in outcomes if not outcome.fault)
        rows += [(values[0], *row_of(outcome)[2:]) for values, outcome in zip(part, outcomes, strict=True)]
    with transaction.atomic():
        lock_batch(batch, sources=MENDABLE)
        for part in chunks(rows):
            update_rows(MassLine, COLUMNS[2:], part, only_if=NO_ORDER)
        batch.good = batch.total - len(lines) + good
        MassOrder.objects.filter(pk=batch.pk).update(good=batch.good)
    return batch


def twin_of(batch: MassOrder) -> MassOrder | None:
    """The newest other mass order of the same lines that was not withdrawn: probably the same upload again."""
    others = MassOrder.objects.filter(body_hash=batch.body_hash).exclude(pk=batch.pk).exclude(status=Status.WITHDRAWN)
    begun_first = Case(When(status__in=BEGUN, then=0), default=1)
    ordered = others.select_related("created_by").order_by(begun_first, "-placed", "-pk")
    return ordered.first() if batch.body_hash else None


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
        # In one order, so that of two uploads of the same lines one is begun and the other is told of it.
        same = Q(pk=batch.pk) | (Q(body_hash=batch.body_hash) if batch.body_hash else Q(pk=batch.pk))
        list(MassOrder.objects.filter(same).order_by("pk").select_for_update().values_list("pk", flat=True))
        twin = twin_of(batch)
        if twin is not None and (twin.placed or twin.status in BEGUN) and not despite_twin:
            raise NotNow(_("The same lines were ordered already as mass order #%(pk)s.") % {"pk": twin.pk})
        lock_batch(batch, sources=(Status.READY, Status.DONE), to=Status.PLACING)
        waiting = waiting_lines(batch, with_warnings=with_warnings)
        charges = waiting.order_by().values_list("provider__currency").annotate(total=MoneySum("expected_charge"))
        spendings = [spending_limits.Spending(total, currency) for currency, total in charges]
        if not spendings:
            raise NotNow(_("There is no line that could be ordered."))
        try:
            spending_limits.check_limit(by, spendings)
        except OrderInvalid as refusal:
            raise NotNow(str(refusal)) from None
        batch.summary = batch.summary | {"with_warnings": with_warnings, "placed_by": by.pk, "stopped": ""}
        batch.summary["request_id"] = current_id()
        MassOrder.objects.filter(pk=batch.pk).update(summary=batch.summary)
        audit.record(by, "mass.placed", batch, f"{batch.good} lines", request, with_warnings=with_warnings)
        notify_worker(PLACE, queue=CLICKS)


def waiting_lines(batch: MassOrder, *, with_warnings: bool) -> QuerySet[MassLine]:
    """The lines that are to become orders and are not yet."""
    lines = MassLine.objects.filter(mass_order=batch, order=None, fault="")
    return lines if with_warnings else lines.filter(warning="")


def pause(batch: MassOrder, *, by: Any, request: HttpRequest | None = None) -> int:
    """Make no more orders, and hold those that are not sent yet; returns how many are held.

    Raises :class:`NotNow` when there is nothing to pause.
    """
    with transaction.atomic():
        lock_batch(batch, sources=(Status.PLACING, Status.DONE), to=Status.PAUSED)
        held = hold_orders([batch.pk], by=by)
        audit.record(by, "mass.paused", batch, f"{held} orders held", request)
    return held


def hold_orders(batch_ids: Collection[int], *, by: Any = None) -> int:
    """Hold the queued orders of paused batches; returns how many there were."""
    if not batch_ids:
        return 0
    return len(_move_orders(batch_ids, before=statuses.QUEUED, after=statuses.HELD, held_for=PAUSED_WITH_BATCH, by=by))


def resume(batch: MassOrder, *, by: Any, request: HttpRequest | None = None) -> int:
    """Go on where a pause stopped; returns how many orders are queued again. Raises :class:`NotNow`."""
    with transaction.atomic():
        lock_batch(batch, sources=(Status.PAUSED,), to=Status.PLACING)
        batch.summary = batch.summary | {"stopped": ""} | _taken_over(batch, by)
        MassOrder.objects.filter(pk=batch.pk).update(summary=batch.summary)
        queued = _move_orders(
            [batch.pk], before=statuses.HELD, after=statuses.QUEUED, by=by, only_held_for=PAUSED_WITH_BATCH
        )
        audit.record(by, "mass.resumed", batch, f"{len(queued)} orders queued again", request)
        for provider_id in sorted({provider_id for _pk, provider_id in queued}):
            notify_worker(SUBMIT, provider_id, queue=CLICKS)
        notify_worker(PLACE, queue=CLICKS)
    return len(queued)


def may_order(person: Any) -> bool:
    """Whether somebody may still order, whatever they were allowed when they began."""
    return bool(person.is_active and person.has_perm("orders.add_order"))


def _taken_over(batch: MassOrder, by: Any) -> dict[str, Any]:
    """Whoever resumes what its buyer may not order any more is its buyer from then on."""
    buyer = get_user_model().objects.filter(pk=batch.summary.get("placed_by")).first()
    return {"placed_by": by.pk} if buyer is not None and not may_order(buyer) and may_order(by) else {}


def withdraw(batch: MassOrder, *, by: Any, request: HttpRequest | None = None) -> int:
    """Take back what has not been sent, and make no more orders; returns how many orders were taken back.

    What is being sent, or was, is not touched. Can be asked again while anything is unsent.
    """
    with transaction.atomic():
        lock_batch(batch, sources=tuple(Status), to=Status.WITHDRAWN)
        back = 0
        for before in (statuses.QUEUED, statuses.HELD):
            back += len(_move_orders([batch.pk], before=before, after=statuses.WITHDRAWN, by=by))
        audit.record(by, "mass.withdrawn", batch, f"{back} orders taken back", request)
    return back


def lock_batch(batch: MassOrder, *, sources: Sequence[str], to: str | None = None) -> None:
    """Take the row's lock and move its state, if it still has one of ``sources``; raises :class:`NotNow`."""
    row = MassOrder.objects.filter(pk=batch.pk, status__in=sources)
    if not row.update(**({"status": to} if to else {"total": batch.total})):
        raise NotNow(_("This mass order is in another state by now. Please look again."))
    batch.refresh_from_db(fields=["status", "summary", "placed", "good"])


def _move_orders(
    batch_ids: Collection[int],
    *,
    before: str,
    after: str,
    by: Any,
    held_for: str = "",
    only_held_for: str = "",
) -> list[tuple[int, int]]:
    """Move the orders of batches that still are in ``before``, in one statement; key and provider of each.

    An order that a worker claimed meanwhile is not in that state any more, and stays with it.
    """
    quote = connection.ops.quote_name
    marks = ", ".join(["%s"] * len(batch_ids))
    condition, parameters = ("AND held_for = %s", [only_held_for]) if only_held_for else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(Order._meta.db_table)} SET status = %s, held_for = %s "  # noqa: S608 - a table's own name
            f"WHERE mass_order_id IN ({marks}) AND status = %s {condition} RETURNING id, provider_id",
            [after, held_for, *batch_ids, before, *parameters],
        )
        moved = [(int(pk), int(provider_id)) for pk, provider_id in cursor.fetchall()]
    for part in chunks(moved):
        _write_events([pk for pk, _provider_id in part], before=before, after=after, by=by)
    return moved


def _write_events(orders: Iterable[int], *, before: str, after: str, by: Any) -> None:
    insert_rows(
        OrderEvent,
        ["order"],
        [(pk,) for pk in orders],
        kind=OrderEvent.Kind.STATE,
        before=before,
        after=after,
        actor=by.pk if by is not None else None,
    )
