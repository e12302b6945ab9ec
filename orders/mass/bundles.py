"""Bundles as lines of a mass order: one line that names a bundle becomes a line for each part.

The parts of one bundle for one link are ordered together or not at all, and wait for a second person together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.utils.translation import gettext as _

from orders.mass.reader.lines import MAX_LINES, Reading, ReadLine, check_count
from orders.mass.validation import other_part
from orders.models import Bundle, key_of_name
from orders.permissions import bundles_for
from orders.placement.spending_limits import SECOND_PERSON, Reservation

if TYPE_CHECKING:
    from orders.models import BundlePart

Line = TypeVar("Line", bound=tuple[Any, ...])
_HUNDRED: Final = Decimal(100)


def expand_bundles(reading: Reading, user: Any) -> Reading:
    """Return a reading in which each line that names a bundle is replaced by its parts; one or two statements.

    A service that has the name of a bundle as its ID goes first only where it is a number. Lines get new numbers.
    Raises :class:`Unreadable` for more lines than a mass order may have.
    """
    named = {key_of_name(line.fields.get("service", "")) for line in reading.lines}
    named = {key for key in named if key and not key.isdigit()}
    found = bundles_for(user).filter(key__in=named, is_active=True).prefetch_related("parts__service__provider")
    bundles = {bundle.key: bundle for bundle in found} if named else {}
    if not bundles:
        return reading
    lines: list[ReadLine] = []
    for line in reading.lines:
        bundle = bundles.get(key_of_name(line.fields.get("service", "")))
        if bundle is None or line.fault:
            lines.append(replace(line, number=len(lines) + 1))
        else:
            lines += parts_of(bundle, line, first=len(lines) + 1)
        if len(lines) > MAX_LINES:
            check_count(len(lines))
    reading.lines = lines
    return reading


def parts_of(bundle: Bundle, line: ReadLine, *, first: int) -> list[ReadLine]:
    """Return the lines of a bundle, numbered from ``first``; a single one with a fault where the line makes no sense.

    ``line`` has a link, and a quantity where the bundle has shares.
    """
    parts = list(bundle.parts.all())
    try:
        quantities = quantities_of(parts, line.fields.get("quantity", ""))
    except ValueError as fault:
        return [replace(line, number=first, fault=str(fault))]
    own = {name: value for name, value in line.fields.items() if name not in ("provider", "service", "quantity")}
    return [
        ReadLine(
            number=first + place,
            text=line.text,
            fields={
                **own,
                "provider": part.service.provider.name,
                "service": part.service.external_id,
                "quantity": str(quantity),
            },
            part_of=first,
        )
        for place, (part, quantity) in enumerate(zip(parts, quantities, strict=True))
    ]


def quantities_of(parts: Sequence[BundlePart], typed: str) -> list[int]:
    """Return the quantity of each part; shares are rounded so that together they are what they should be.

    Raises ``ValueError`` with a sentence.
    """
    shares = [part.share for part in parts if part.share is not None]
    if not parts:
        raise ValueError(_("This bundle has no services."))
    if not shares:
        if typed:
            raise ValueError(_("This bundle has fixed quantities. Leave the quantity out."))
        return [part.quantity or 0 for part in parts]
    if not (typed.isascii() and typed.isdigit() and len(typed) < 16):
        raise ValueError(_("Enter a quantity: this bundle is divided by shares."))
    exact = [int(typed) * (part.share or 0) / _HUNDRED for part in parts]
    made = [part.quantity if part.share is None else int(share) for part, share in zip(parts, exact, strict=True)]
    left = round(int(typed) * sum(shares) / _HUNDRED) - sum(int(share) for share in exact)
    by_rest = sorted(range(len(parts)), key=lambda place: int(exact[place]) - exact[place])
    for place in [place for place in by_rest if parts[place].share is not None][: max(0, left)]:
        made[place] = (made[place] or 0) + 1
    return [quantity or 0 for quantity in made]


def refuse_together(
    good: Sequence[Line], faulty: Mapping[int, str], bundles: Mapping[int, int | None]
) -> tuple[list[Line], dict[int, str]]:
    """Return lines that may be ordered, and faults, such that no bundle has both; ``bundles`` are those of the lines.

    Lines and faults are known by the key of the line, which comes first in ``good``; its number is second.
    """
    broken = {bundles[pk] for pk in faulty if bundles.get(pk) is not None}
    kept = [one for one in good if bundles[one[0]] is None or bundles[one[0]] not in broken]
    more = {one[0]: other_part(bundles[one[0]] or 0) for one in good if bundles[one[0]] in broken}
    return kept, {**more, **faulty}


def hold_together(
    taken: Sequence[Reservation], bundles: Sequence[int | None], threshold: Decimal | None
) -> list[Reservation]:
    """Hold all parts of a bundle when one is held, or when together they are above the threshold."""
    worth: dict[int, Decimal] = {}
    held: set[int] = set()
    for one, bundle in zip(taken, bundles, strict=True):
        if bundle is not None:
            worth[bundle] = worth.get(bundle, Decimal(0)) + (one.reserved or Decimal(0))
            held |= {bundle} if one.held_for else set()
    if threshold is not None:
        held |= {bundle for bundle, total in worth.items() if total > threshold}
    return [
        replace(one, held_for=SECOND_PERSON) if bundle in held and not one.held_for else one
        for one, bundle in zip(taken, bundles, strict=True)
    ]
