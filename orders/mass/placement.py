"""Makes the orders of mass orders, a thousand lines at a time, each thousand in one transaction.

A line becomes at most one order, whatever is killed or delivered twice: the thousand are made
under the lock of the mass order's row and only while it is being placed, each order has a
token that only its line can have, and the lines are linked in the same transaction.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from orders.mass.bundles import hold_together, refuse_together
from orders.mass.catalogue import Catalogue
from orders.mass.order_moves import hold_orders
from orders.mass.queries import waiting_lines
from orders.mass.services import Status
from orders.mass.stored_lines import LINE_FIELDS, NO_ORDER, read_back
from orders.mass.validation import CHUNK, SENTENCES, chunks
from orders.models import MassLine, MassOrder, Order
from orders.models.bundle import MOST_PARTS
from orders.permissions import may_order, may_see_client
from orders.placement.bulk_orders import NewOrder, insert_orders, request_id_of
from orders.placement.form_tokens import tokens_of
from orders.placement.pricing import TOLERATED_RISE
from orders.placement.reserved_amounts import target_of
from orders.placement.service_rules import Rules
from orders.placement.spending_limits import (
    LimitPassed,
    Reservation,
    Spending,
    WithoutCeiling,
    reserve,
    threshold_for,
    without_ceiling_refused,
)
from orders.placement.validation import Checked, OrderInvalid, check_fields
from panelhub.background.worker import is_stopping
from panelhub.db.bulk import update_rows

if TYPE_CHECKING:
    from panelhub.background.jobs import Run
    from providers.models import Service

log = logging.getLogger(__name__)
_PART_OF: Final = LINE_FIELDS.index("part_of")


class _Lost(Exception):
    """Someone else made an order of one of these lines: the whole thousand is rolled back."""


def place_waiting(run: Run) -> None:
    """Make the orders of every mass order that is being placed, by turns, until none is left."""
    with transaction.atomic():
        # What was on its way when a batch was paused, and came back to the queue since.
        paused = list(MassOrder.objects.filter(status=Status.PAUSED).values_list("pk", flat=True))
        run.count(held=hold_orders(paused))
    while not (run.is_lost or is_stopping()):
        batches = list(MassOrder.objects.filter(status=Status.PLACING).order_by("pk").values_list("pk", flat=True))
        if not batches:
            return
        for pk in batches:
            run.count(**place_chunk(pk))


def place_chunk(batch_id: int) -> dict[str, int]:
    """Make orders of the next thousand lines of one mass order; returns figures.

    When no line is left the mass order is done; when the spending limit is passed, or whoever said that it be
    placed may not order any more, it is paused, with the reason in its summary.
    """
    try:
        with transaction.atomic():
            # The row's lock: a pause, a withdrawal or another worker waits until this thousand is committed.
            if not MassOrder.objects.filter(pk=batch_id, status=Status.PLACING).update(placed=F("placed")):
                return {}
            return _place_under_lock(MassOrder.objects.select_related("created_by", "client").get(pk=batch_id))
    except LimitPassed as refusal:
        # The reason is read by everybody who sees the batch, so it names no amount.
        return _stop(batch_id, refusal.plain)
    except OrderInvalid as refusal:
        return _stop(batch_id, str(refusal))
    except (_Lost, IntegrityError):
        # Never twice goes before going on: a person has to look, and the other batches are not held up.
        log.exception("mass order %s was stopped", batch_id)
        return _stop(batch_id, _("One of these lines was already ordered elsewhere. Check the lines."))


def _stop(batch_id: int, reason: str) -> dict[str, int]:
    with transaction.atomic():
        batch = MassOrder.objects.select_for_update().get(pk=batch_id)
        batch.summary = batch.summary | {"stopped": reason[:SENTENCES]}
        moved = MassOrder.objects.filter(pk=batch_id, status=Status.PLACING).update(
            status=Status.PAUSED, summary=batch.summary
        )
    return {"stopped": moved}


def _place_under_lock(batch: MassOrder) -> dict[str, int]:
    lines = list(
        waiting_lines(batch, with_warnings=bool(batch.summary.get("with_warnings")))
        .order_by("number")
        .values_list(*LINE_FIELDS, "provider_id", "expected_charge")[: CHUNK + MOST_PARTS]
    )
    # A bundle is not divided.
    lines = list(next(chunks(lines, CHUNK, together=_bundle_of), ()))
    if not lines:
        MassOrder.objects.filter(pk=batch.pk).update(status=Status.DONE)
        return {"done": 1}
    buyer = _buyer_of(batch)
    if buyer is not None and not may_order(buyer):
        raise OrderInvalid({"": [_("%(person)s can no longer place orders.") % {"person": buyer.get_username()}]})
    if not may_see_client(buyer, batch.client_id):
        raise OrderInvalid({"": [_("%(person)s can no longer order for this client.") % {"person": buyer}]})
    good, faulty = _check(lines, Catalogue(user=buyer, default_provider_id=batch.summary.get("provider")))
    if without_ceiling_refused(buyer):
        unbounded = {pk for pk, _number, _rules, checked in good if not checked.price.ceiling}
        faulty |= {pk: str(WithoutCeiling())[:SENTENCES] for pk in unbounded}
        good = [one for one in good if one[0] not in unbounded]
    bundles = {values[0]: _bundle_of(values) for values in lines}
    good, faulty = refuse_together(good, faulty, bundles)
    taken = reserve(buyer, [_spending_of(rules.service, checked) for _pk, _number, rules, checked in good])
    taken = hold_together(taken, [bundles[one[0]] for one in good], threshold_for(buyer))
    _refuse_ordered(batch, (number for _pk, number, _rules, _checked in good))
    _write_orders(batch, buyer, good, taken)
    update_rows(MassLine, ["fault"], [(pk, fault) for pk, fault in faulty.items()])
    MassOrder.objects.filter(pk=batch.pk).update(placed=F("placed") + len(good), good=F("good") - len(faulty))
    return {"orders": len(good), "faults": len(faulty)}


def _bundle_of(values: Sequence[Any]) -> Any:
    return values[_PART_OF]


def _spending_of(service: Service, checked: Checked) -> Spending:
    return Spending(checked.price.ceiling, service.provider.currency, target_of(service, checked.link))


def _buyer_of(batch: MassOrder) -> Any:
    """Return the person who placed it: the orders are theirs and count against their limit."""
    placed_by = batch.summary.get("placed_by")
    found = get_user_model().objects.filter(pk=placed_by).first() if placed_by else None
    return found or batch.created_by


def _check(
    lines: Sequence[tuple[Any, ...]], catalogue: Catalogue
) -> tuple[list[tuple[int, int, Rules, Checked]], dict[int, str]]:
    """Return the lines once more, by what the catalogue says now: those that may be ordered, and new faults."""
    read = [(values[0], read_back(values[:-2]), values[-2], values[-1]) for values in lines]
    catalogue.load((provider_id, line.fields.get("service", "")) for _pk, line, provider_id, _charge in read)
    good = []
    faulty: dict[int, str] = {}
    for pk, line, provider_id, agreed in read:
        try:
            provider = catalogue.providers.get(provider_id)
            if provider is None:
                raise OrderInvalid({"": [_("You can no longer order from this provider.")]})
            rules = catalogue.find_rules(provider, line.fields.get("service", ""))
            checked = check_fields(rules, line.fields)
            expected = checked.price.expected
            if agreed is not None and expected is not None and expected > agreed * TOLERATED_RISE:
                raise OrderInvalid({"": [_("The price went up after the check. Check again to accept it.")]})
            good.append((pk, line.number, rules, checked))
        except (OrderInvalid, ValueError) as fault:
            faulty[pk] = str(fault)[:SENTENCES]
    return good, faulty


def _tokens_of_line(batch: MassOrder, number: int) -> list[uuid.UUID]:
    """Return every token under which the order of a line may be stored, today's first."""
    return tokens_of(uuid.uuid5(batch.uid, str(number)), user=None, source="mass line")


def _refuse_ordered(batch: MassOrder, numbers: Iterable[int]) -> None:
    """Raise :class:`_Lost` if one of the lines was ordered under an earlier SECRET_KEY, or by an earlier version."""
    earlier = [token for number in numbers for token in _tokens_of_line(batch, number)[1:]]
    if Order.objects.filter(form_token__in=earlier).exists():
        raise _Lost(f"a line of mass order {batch.pk} was ordered under an earlier key")


def _write_orders(
    batch: MassOrder, buyer: Any, good: Sequence[tuple[int, int, Rules, Checked]], taken: Sequence[Reservation]
) -> None:
    """Make the orders of good lines, and link each line to its own."""
    click = str(batch.summary.get("request_id", ""))
    new, line_of = [], {}
    for (pk, number, rules, checked), part in zip(good, taken, strict=True):
        # The same line always has the same token, so the database itself refuses a second order of it.
        token = _tokens_of_line(batch, number)[0]
        line_of[token] = pk
        new.append(
            NewOrder(
                token,
                rules.service,
                checked,
                part,
                request_id=request_id_of(click, number),
                client=batch.client,
            )
        )
    made = insert_orders(new, buyer_id=buyer.pk if buyer is not None else None, mass_order=batch.pk)
    linked = update_rows(MassLine, ["order"], [(line_of[token], pk) for token, pk in made.items()], only_if=NO_ORDER)
    if len(linked) != len(new):
        raise _Lost(f"{len(new)} orders for {len(linked)} lines of mass order {batch.pk}")
