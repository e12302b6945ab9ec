"""Validate the lines of a mass order: each gets its service, its price, and its faults and warnings.

Set-based: the services, and the open orders for the same links, of a thousand lines are looked
up in one statement each. A *fault* stops a line from being ordered; a *warning* lets it be
ordered by whoever has seen it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from orders import order_types
from orders.links import NoLink, read_link
from orders.links.sentences import describe_link_mismatch
from orders.mass.catalogue import Catalogue, LineFault
from orders.mass.reader.lines import ReadLine
from orders.mass.targets import OpenOrders, Target, open_orders_for, target_of
from orders.order_types import Billing
from orders.placement.fields import Errors
from orders.placement.service_rules import Rules
from orders.placement.validation import Checked, OrderInvalid, check_fields
from providers.models import Provider

if TYPE_CHECKING:
    from decimal import Decimal

    from orders.models import MassLine

CHUNK: Final = 1_000
MOST_NAMED: Final = 10
SENTENCES: Final = 300
"""So long may the faults, and the warnings, of one line be."""


@dataclass(frozen=True, slots=True)
class LineResult:
    """What the check of one line came to; ``checked`` only where there is no fault."""

    line: ReadLine
    rules: Rules | None
    checked: Checked | None
    provider_id: int | None
    fault: str = ""
    warning: str = ""

    @property
    def expected_charge(self) -> Decimal | None:
        """What the order should cost, where that is known."""
        return self.checked.price.expected if self.checked else None


class LineChecker:
    """Checks line after line of one mass order; remembers the links that it has seen."""

    def __init__(
        self, catalogue: Catalogue, *, columns: frozenset[str] = frozenset(), is_guessed: bool = False
    ) -> None:
        self._catalogue = catalogue
        self._columns = columns
        self._is_guessed = is_guessed
        self._hidden: set[int] = set()
        self._seen: dict[tuple[int, bytes], tuple[int, int, int | None]] = {}

    def check(self, lines: Sequence[ReadLine]) -> list[LineResult]:
        """Return the outcomes of up to a thousand lines, in two statements."""
        named = [self._name_provider(line) for line in lines]
        self._catalogue.load(
            (provider.pk, line.fields["service"])
            for line, provider in zip(lines, named, strict=True)
            if isinstance(provider, Provider) and "service" in line.fields
        )
        outcomes = [self._check_line(line, provider) for line, provider in zip(lines, named, strict=True)]
        return judge_together(self._warn(outcomes))

    def remember(self, lines: Iterable[MassLine]) -> None:
        """Take note of what other lines are for, which were checked before; their services are loaded."""
        for line in lines:
            if line.service is not None and line.link:
                target = target_of(line.service, line.link)
                self._seen.setdefault((target.provider_id, target.shared), (line.number, line.service.pk, line.part_of))

    def _name_provider(self, line: ReadLine) -> Provider | str:
        """Return the provider of a line, or the fault that explains why it has none."""
        try:
            return self._catalogue.find_provider(line.fields.get("provider", ""))
        except LineFault as fault:
            return str(fault)

    def _check_line(self, line: ReadLine, provider: Provider | str) -> LineResult:
        if line.fault:
            return LineResult(line, None, None, provider.pk if isinstance(provider, Provider) else None, line.fault)
        if isinstance(provider, str):
            return LineResult(line, None, None, None, provider[:SENTENCES])
        rules: Rules | None = None
        try:
            if not line.fields.get("service"):
                raise LineFault(_("This line names no service."))
            rules = self._catalogue.find_rules(provider, line.fields["service"])
            return LineResult(line, rules, check_fields(rules, line.fields), provider.pk)
        except LineFault as fault:
            return LineResult(line, rules, None, provider.pk, str(fault)[:SENTENCES])
        except OrderInvalid as refusal:
            return LineResult(line, rules, None, provider.pk, self._sentence_of(refusal.errors, line))

    def _sentence_of(self, errors: Errors, line: ReadLine) -> str:
        sentences = []
        for name, said in errors.items():
            if not name:
                sentences += said
            elif self._columns and name not in self._columns and not line.fields.get(name):
                sentences.append(_("The column “%(name)s” is missing.") % {"name": name})
            else:
                parameter = order_types.PARAMETERS.get(name)
                sentences.append(f"{parameter.label if parameter else name}: {' '.join(said)}")
        return " ".join(sentences)[:SENTENCES]

    def _warn(self, outcomes: list[LineResult]) -> list[LineResult]:
        targets = [
            target_of(outcome.rules.service, outcome.checked.link)
            if outcome.checked and outcome.rules and outcome.checked.link
            else None
            for outcome in outcomes
        ]
        in_work = open_orders_for([target for target in targets if target is not None])
        self._hidden = in_work.hidden_from(self._catalogue.user)
        return [
            self._with_warnings(outcome, target, in_work) for outcome, target in zip(outcomes, targets, strict=True)
        ]

    def _with_warnings(self, outcome: LineResult, target: Target | None, in_work: OpenOrders) -> LineResult:
        if outcome.checked is None or outcome.rules is None:
            return outcome
        said = []
        if target is not None:
            service = outcome.rules.service
            mine = (outcome.line.number, service.pk, outcome.line.part_of)
            first = self._seen.setdefault((target.provider_id, target.shared), mine)
            # Parts of a bundle are for one link on purpose.
            if first[0] != mine[0] and (first[2] is None or first[2] != mine[2]):
                same = _("Line %(number)s has the same link and service.")
                other = _("Line %(number)s has the same link, with another service.")
                said.append((same if first[1] == service.pk else other) % {"number": first[0]})
            if order := in_work.find(target):
                named = _("Order #%(pk)s for this link is still open.")
                unnamed = _("Another order for this link is still open.")
                said.append(unnamed if order in self._hidden else named % {"pk": order})
            if odd := describe_link_mismatch(service, outcome.checked.link):
                said.append(odd)
        said += self._warn_of_fields(outcome.line, outcome.rules, outcome.checked)
        if not said:
            return outcome
        return LineResult(
            outcome.line, outcome.rules, outcome.checked, outcome.provider_id, warning=" ".join(said)[:SENTENCES]
        )

    def _warn_of_fields(self, line: ReadLine, rules: Rules, checked: Checked) -> Iterator[str]:
        known = rules.known
        typed = line.fields.get("quantity")
        if typed and known is not None and "quantity" not in known.names:
            units = checked.price.billed_quantity
            if known.billing is not Billing.LINES or str(units) != typed:
                yield _("Quantity ignored: “%(type)s” orders have none.") % {"type": known.label}
        if self._is_guessed and not all(value.isascii() for value in line.fields.values()):
            yield _("The encoding was guessed. Check special characters.")


def describe_mends(outcomes: Iterable[LineResult]) -> Iterator[str]:
    """Yield what was mended of the links of lines that can be ordered,
    with how many they are and which is the first.
    """
    marked: list[int] = []
    bare: list[int] = []
    for outcome in outcomes:
        if outcome.checked is not None and outcome.checked.link != outcome.line.fields.get("link"):
            with suppress(NoLink):
                link = read_link(outcome.line.fields.get("link", ""))
                marked += [outcome.line.number] if link.has_marks else []
                bare += [outcome.line.number] if link.has_scheme_added else []
    for numbers, sentence in (
        (marked, ngettext_lazy(
            "Invisible characters were removed from %(n)s link: line %(lines)s.",
            "Invisible characters were removed from %(n)s links: lines %(lines)s.", "n",
        )),
        (bare, ngettext_lazy(
            "Added https:// to %(n)s link: line %(lines)s.",
            "Added https:// to %(n)s links: lines %(lines)s.", "n",
        )),
    ):  # fmt: skip
        if numbers:
            shown = ", ".join(map(str, numbers[:MOST_NAMED])) + (" …" if len(numbers) > MOST_NAMED else "")
            yield sentence % {"n": len(numbers), "lines": shown}


def judge_together(outcomes: list[LineResult]) -> list[LineResult]:
    """Give all parts of a bundle a fault, or a warning, when one of them has it."""
    faulty: dict[int, int] = {}
    warned: dict[int, int] = {}
    for one in outcomes:
        if one.line.part_of is not None and (one.fault or one.warning):
            (faulty if one.fault else warned).setdefault(one.line.part_of, one.line.number)
    judged = []
    for one in outcomes:
        number = faulty.get(one.line.part_of or 0)
        if number is not None and not one.fault:
            one = replace(one, checked=None, warning="", fault=other_part(number))
        elif number is None and not one.warning and (first := warned.get(one.line.part_of or 0)):
            one = replace(one, warning=_("Another part of this bundle has a warning: line %(n)s.") % {"n": first})
        judged.append(one)
    return judged


def other_part(number: int) -> str:
    """Return the fault of a line whose bundle has a part that can't be ordered, in this line."""
    return _("Another part of this bundle can’t be ordered: line %(n)s.") % {"n": number}


def chunks(
    rows: Sequence[Any], size: int = CHUNK, *, together: Callable[[Any], Any] | None = None
) -> Iterator[Sequence[Any]]:
    """Yield the rows, a thousand at a time, or a few more where rows of which ``together`` returns the same follow."""
    start = 0
    while start < len(rows):
        end = start + size
        while together and end < len(rows) and (key := together(rows[end])) and key == together(rows[end - 1]):
            end += 1
        yield rows[start:end]
        start = end
