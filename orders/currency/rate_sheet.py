"""Reading a sheet of exchange rates as the European Central Bank publishes it each working day.

The format is that of https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml: nested ``Cube``
elements, one with a ``time``, in it one for each ``currency`` with its ``rate``, which says how much
of it one euro is. Other banks publish the same form. What comes is a stranger's text: no document
type, no entities, no more elements than a sheet has, and every figure is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, Final
from xml.parsers import expat

from django.utils.translation import gettext as _

from providers.models import MONEY

EURO: Final = "EUR"
LONGEST_SHEET: Final = 256 * 1024
_MOST_ELEMENTS: Final = 10_000
_LONGEST_NAME: Final = 60
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_RATE: Final = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)
_CENT: Final = Decimal(1).scaleb(-MONEY["decimal_places"])


class SheetUnreadable(ValueError):
    """This is no sheet of exchange rates; its text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rates of one day: how much of each currency one euro was; ``source`` is who published them, if it says so."""

    day: date
    per_euro: Mapping[str, Decimal]
    source: str = ""

    def worth_in(self, hub: str) -> dict[str, Decimal]:
        """Return what one unit of each currency is worth in ``hub``, to the last decimal a column holds.

        Raises ``LookupError`` when the sheet does not know ``hub``. A worth too small for a column is left out.
        """
        one = self.per_euro[hub]
        with localcontext(prec=40):
            worths = {currency: (one / rate).quantize(_CENT) for currency, rate in self.per_euro.items()}
        return {currency: worth for currency, worth in worths.items() if worth > 0 and currency != hub}


def read_sheet(body: bytes) -> Sheet:
    """Return the newest day of a sheet. Raises :class:`SheetUnreadable`."""
    if len(body) > LONGEST_SHEET:
        raise SheetUnreadable(_("The file is too large."))
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no names
    except expat.ExpatError as error:
        raise SheetUnreadable(_("It isn’t XML: %(error)s.") % {"error": expat.errors.messages[error.code]}) from None
    if not reader.days:
        raise SheetUnreadable(_("It contains no rates."))
    day = max(reader.days)
    rates = reader.days[day]
    if not rates:
        raise SheetUnreadable(_("Its latest day has no rates."))
    name = "".join(mark for mark in " ".join(reader.sender.split()) if mark.isprintable())
    return Sheet(day, {**rates, EURO: Decimal(1)}, name[:_LONGEST_NAME].strip())


@dataclass(slots=True)
class _Reader:
    """What expat calls: gathers days and their rates, and ends at whatever no sheet holds."""

    days: dict[date, dict[str, Decimal]] = field(default_factory=dict)
    sender: str = ""
    path: list[str] = field(default_factory=list)
    elements: int = 0
    day: date | None = None

    def refuse(self, *_anything: Any) -> None:
        raise SheetUnreadable(_("It declares a document type, which isn’t allowed."))

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        if self.elements > _MOST_ELEMENTS:
            raise SheetUnreadable(_("The file is too large."))
        tag = name.rpartition(":")[2]
        self.path.append(tag)
        if tag != "Cube":
            return
        if "time" in attributes:
            try:
                self.day = date.fromisoformat(attributes["time"])
            except ValueError:
                raise SheetUnreadable(_("One of its dates is invalid.")) from None
            self.days.setdefault(self.day, {})
        elif "currency" in attributes and self.day is not None:
            self._take(self.days[self.day], attributes["currency"], attributes.get("rate", ""))

    def end(self, _name: str) -> None:
        self.path.pop()

    def text(self, text: str) -> None:
        if self.path[-2:] == ["Sender", "name"] and len(self.sender) < _LONGEST_NAME:
            self.sender += text

    def _take(self, rates: dict[str, Decimal], currency: str, written: str) -> None:
        if not _CURRENCY.fullmatch(currency) or currency in rates or currency == EURO:
            raise SheetUnreadable(_("One of its currencies is invalid or listed twice."))
        rate = Decimal(written) if _RATE.fullmatch(written) else Decimal(0)
        if rate <= 0:
            raise SheetUnreadable(_("The rate for %(currency)s is invalid.") % {"currency": currency})
        rates[currency] = rate
