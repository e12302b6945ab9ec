"""What a list must look like before it is taken over without a person: not empty, halved, renumbered or doubled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from providers.models import CatalogueHold, ServiceChange

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from providers.catalogue.diff import Difference, Known
    from providers.client.types import ServiceRow

SMALLEST_GUARDED: Final = 10
"""Of a catalogue with fewer services, half can go on an ordinary day."""
EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Why a list waits for a person."""

    kind: CatalogueHold.Kind
    reason: str
    listed: int
    known: int
    details: dict[str, Any] = field(default_factory=dict)


def suspect(
    rows: Sequence[ServiceRow], difference: Difference, *, known: int, read_names: Callable[[], Mapping[str, str]]
) -> Suspicion | None:
    """Return what is wrong with a list, or None.

    ``known`` services are stored and available; ``read_names`` gives their names by id, and is only
    called when the numbers are odd.
    """
    if not known:
        return None
    kind = CatalogueHold.Kind
    gone = len(difference.missing)
    if not rows:
        return _suspicion(kind.EMPTY, _("The list is empty. %(known)d services are known."), rows, difference, known)
    if known < SMALLEST_GUARDED:
        return None
    if 2 * (gone + len(difference.renames)) >= known and 2 * _moved(rows, read_names()) >= known:
        text = _("Services have the same names under other IDs. IDs may have been reused.")
        return _suspicion(kind.RENUMBERED, text, rows, difference, known)
    # Of an odd number, every other one is a little less than half.
    if gone >= known // 2:
        text = _("%(gone)d of %(known)d services are missing.")
        return _suspicion(kind.HALVED, text, rows, difference, known)
    if 2 * len(difference.appeared) >= known and 2 * _copied(difference.appeared, read_names()) >= known:
        text = _("%(listed)d services are listed but %(known)d are known, most under known names.")
        return _suspicion(kind.DOUBLED, text, rows, difference, known)
    return None


def suspect_again(
    rows: Sequence[ServiceRow], difference: Difference, hold: CatalogueHold, *, known: int, closed: int
) -> Suspicion | None:
    """Return what is still wrong with a list while one like it waits, or None.

    ``closed`` services went meanwhile because every list lacked them: they count as known and gone, so that the
    decision about a list that replaces the old one stays with a person.
    """
    gone, known = len(difference.missing) + closed, known + closed
    if not closed or known < SMALLEST_GUARDED or gone < known // 2:
        return None
    text = _("%(gone)d of %(known)d services are missing.")
    found = _suspicion(CatalogueHold.Kind(hold.kind), text, rows, difference, known)
    return replace(found, reason=text % {"gone": gone, "known": known}, details={**found.details, "gone": gone})


def _suspicion(
    kind: CatalogueHold.Kind, text: str, rows: Sequence[ServiceRow], difference: Difference, known: int
) -> Suspicion:
    figures = {"listed": len(rows), "known": known, "gone": len(difference.missing)}
    return Suspicion(
        kind=kind,
        reason=text % figures,
        listed=len(rows),
        known=known,
        details={
            "gone": len(difference.missing),
            "appeared": len(difference.appeared),
            "changed": len(difference.updates) + len(difference.renames),
            "renamed": len(difference.renames),
            "renamed_examples": _renamed(difference),
            "gone_examples": _examples(difference.missing),
            "appeared_examples": _examples(difference.appeared),
        },
    )


def _renamed(difference: Difference) -> list[str]:
    """Return what a few ids mean now and meant before."""
    name = ServiceChange.Kind.NAME
    changes = (change for change in difference.changes if change.kind == name)
    return [f"{change.before} → {change.after}" for change in islice(changes, EXAMPLES)]


def _moved(rows: Sequence[ServiceRow], names: Mapping[str, str]) -> int:
    """Return how many known services are listed no more under their id, while their name is, under another id."""
    here = {row.id: row.name for row in rows}
    elsewhere = Counter(row.name for row in rows if names.get(row.id) != row.name)
    moved = 0
    for external_id, name in names.items():
        if here.get(external_id) != name and elsewhere[name] > 0:
            elsewhere[name] -= 1
            moved += 1
    return moved


def _copied(appeared: Sequence[ServiceRow], names: Mapping[str, str]) -> int:
    """Return how many of the new services bear a name that a known one has, each known service counted once."""
    left = Counter(names.values())
    copied = 0
    for row in appeared:
        if left[row.name] > 0:
            left[row.name] -= 1
            copied += 1
    return copied


def _examples(services: Collection[ServiceRow] | Collection[Known]) -> list[str]:
    found: list[str] = []
    for service in services:
        if len(found) == EXAMPLES:
            break
        number = getattr(service, "external_id", "") or getattr(service, "id", "")
        found.append(f"{number} · {service.name}")
    return found
