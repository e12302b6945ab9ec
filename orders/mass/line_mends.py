"""One line of a mass order, mended where it stands: its cells as they were read, typed again, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from orders import order_types
from orders.mass.catalogue import Catalogue
from orders.mass.reader.lines import COLUMNS, ReadLine, line_of
from orders.mass.services import MENDABLE, NotNow, lock_batch
from orders.mass.stored_lines import COLUMNS as WRITTEN
from orders.mass.stored_lines import LINE_FIELDS, NO_ORDER, read_back, row_of
from orders.mass.validation import LineChecker, chunks
from orders.models import MassLine, MassOrder
from orders.order_types import ParameterKind
from orders.placement.service_rules import parameters_of
from panelhub.audit import record
from panelhub.db.bulk import update_rows

if TYPE_CHECKING:
    from django.http import HttpRequest

_ALWAYS: Final = ("provider", "service", "link", "quantity")
MAX_WIDE: Final = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a line as it can be typed again."""

    name: str
    label: Any
    value: str
    is_lines: bool
    is_wide: bool


def cells_of(line: MassLine) -> list[Cell]:
    """Return the cells of a line: those that every line has, those that its service requires, and those it had."""
    typed = _as_read(line).fields
    asked = [parameter.name for parameter in (parameters_of(line.service) or ())] if line.service else []
    if line.service is not None and asked and "quantity" not in asked and not typed.get("quantity"):
        names = [name for name in _ALWAYS if name != "quantity"]
    else:
        names = list(_ALWAYS)
    names += [name for name in (*asked, *typed) if name not in names and name in COLUMNS]
    return [_cell(name, typed.get(name, "")) for name in dict.fromkeys(names)]


def _cell(name: str, value: str) -> Cell:
    own = {"provider": _("Provider"), "service": _("Service")}
    parameter = order_types.PARAMETERS.get(name)
    label = own.get(name) or (parameter.label if parameter else name)
    is_lines = parameter is not None and parameter.kind is ParameterKind.LINES
    return Cell(name, label, value, is_lines, is_lines or name == "link" or len(value) > MAX_WIDE)


def _as_read(line: MassLine) -> ReadLine:
    return read_back(MassLine.objects.values_list(*LINE_FIELDS).get(pk=line.pk))


def mend_line(
    batch: MassOrder, line: MassLine, typed: Mapping[str, str], *, by: Any, request: HttpRequest | None = None
) -> None:
    """Put what was typed into a line and check it again with the others of its mass order; nothing is ordered.

    Raises :class:`NotNow` when the line is an order by now, or the mass order is being placed.
    """
    given = {name: typed[name] for name in COLUMNS if typed.get(name, "").strip()}
    text = " | ".join(value.strip() for value in given.values())
    catalogue = Catalogue(user=by, default_provider_id=batch.summary.get("provider"))
    checker = LineChecker(catalogue, columns=frozenset(batch.summary.get("columns", ())))
    others = MassLine.objects.filter(mass_order=batch, fault="").exclude(pk=line.pk).order_by("number")
    for part in chunks(list(others.select_related("service").only("number", "link", "part_of", "service__platform"))):
        checker.remember(part)
    (outcome,) = checker.check([replace(line_of(line.number, text, given), part_of=line.part_of)])
    with transaction.atomic():
        lock_batch(batch, sources=MENDABLE)
        written = update_rows(MassLine, WRITTEN[1:], [(line.pk, *row_of(outcome)[1:])], only_if=NO_ORDER)
        if not written:
            raise NotNow(_("This line has already been ordered."))
        batch.good = MassLine.objects.filter(mass_order=batch, fault="").count()
        MassOrder.objects.filter(pk=batch.pk).update(good=batch.good)
        record(by, "mass.line_mended", batch, f"line {line.number}", request)
