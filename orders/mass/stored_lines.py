"""The lines of a mass order as they are stored: written from what was checked, read back to be checked again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from orders.mass.reader.lines import ReadLine
from orders.mass.validation import SENTENCES, LineResult

READ_FAULT: Final = "_fault"
"""Under this name a line stores a fault of how it was read, for when it is checked again."""

COLUMNS: Final = (
    "number", "text", "provider", "service", "link", "quantity", "parameters", "expected_charge", "fault", "warning",
    "part_of",
)  # fmt: skip

# So that SQLite goes through the new values, and not through the index of lines without an order for each of them.
NO_ORDER: Final = "COALESCE(t.order_id, 0) = 0"


def row_of(outcome: LineResult) -> tuple[Any, ...]:
    """Return a line as it is stored: a good one in its columns, of a faulty one everything as it was typed."""
    line, checked = outcome.line, outcome.checked
    service_id = outcome.rules.service.pk if outcome.rules else None
    start = (line.number, line.text, outcome.provider_id, service_id)
    if checked is None:
        typed = dict(line.fields)
        if line.fault:
            typed[READ_FAULT] = line.fault[:SENTENCES]
        return (*start, "", None, typed, None, outcome.fault, "", line.part_of)
    return (
        *start,
        checked.link,
        checked.quantity,
        checked.parameters,
        checked.price.expected,
        "",
        outcome.warning,
        line.part_of,
    )


LINE_FIELDS: Final = (
    "pk", "number", "text", "provider__name", "service__external_id", "link", "quantity", "parameters",
    "part_of",
)  # fmt: skip


def read_back(values: Sequence[Any]) -> ReadLine:
    """Return a stored line (its :data:`LINE_FIELDS`) as if it were read again."""
    _pk, number, text, provider, service, link, quantity, parameters, part_of = values
    known = {"provider": provider, "service": service, "link": link, "quantity": quantity}
    fields = {name: str(value) for name, value in known.items() if value not in (None, "")} | parameters
    fault = fields.pop(READ_FAULT, "")
    return ReadLine(number, text, fields, fault, part_of)
