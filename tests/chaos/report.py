"""The report of a run, as text: a table for each scenario, and whether all is well."""

from __future__ import annotations

import os
import platform
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

GROUPS: Final = (("orders", ("order", "product_order")), ("refills", ("refill",)), ("cancels", ("cancellation",)))
COLUMNS: Final = (
    ("rows here", "rows"),
    ("accepted there", "accepted"),
    ("placed here", "placed"),
    ("unconfirmed", "unconfirmed"),
    ("of them accepted", "unconfirmed_accepted"),
    ("refused", "refused"),
    ("withdrawn", "withdrawn"),
    ("doubled", "doubled"),
    ("lost", "lost"),
)
MOST_VIOLATIONS: Final = 30


def is_well(outcome: Mapping[str, Any]) -> bool:
    """Return whether a scenario found nothing wrong, and would have found it: the naive sender was caught."""
    return not outcome["violations"] and _is_caught(outcome)


def _is_caught(outcome: Mapping[str, Any]) -> bool:
    return bool(outcome["naive"]) and outcome["naive_line"]["doubled"] > 0


def describe_machine() -> str:
    """Return what the run ran on."""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def describe(outcome: Mapping[str, Any]) -> str:
    """Return the report of one scenario."""
    people, disturbances = outcome["people"], outcome["disturbances"]
    parts = [
        f"## {outcome['scenario']}",
        "",
        f"{outcome['seconds']:.0f} s in all, {outcome['ordering_seconds']:.0f} s of them ordering. "
        f"{outcome['calls']:,} calls were read by the panels, {outcome['faults_met']:,} of them met a fault "
        f"({outcome['ways_met']} of {outcome['ways']} ways).",
        f"People: {_list(people)}.",
        f"Meanwhile: {_list(disturbances)}.",
        "",
        "At rest, before anybody settled anything:",
        "",
        *_table(outcome["before"]),
        "",
        f"Settled: {_list(outcome['settled']) or 'nothing had to be'}.",
        "",
        "After that:",
        "",
        *_table(outcome["after"]),
        "",
        _describe_naive(outcome),
        "",
        *_describe_violations(outcome["violations"]),
    ]
    return "\n".join(parts)


def _table(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    head = ["provider", "kind", *(label for label, _ in COLUMNS)]
    rows = []
    for label, kinds in GROUPS:
        group = _add_up(line for line in lines if line["kind"] in kinds)
        rows += [[provider, label, *(f"{sums[key]:,}" for _, key in COLUMNS)] for provider, sums in group.items()]
        total: Counter[str] = Counter()
        for sums in group.values():
            total.update(sums)
        if len(group) > 1:
            rows.append(["all", label, *(f"{total[key]:,}" for _, key in COLUMNS)])
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
    written = [_write(head, widths), _write(["-" * width for width in widths], widths)]
    return written + [_write(row, widths) for row in rows]


def _add_up(lines: Iterable[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    group: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        group[line["provider"]].update({key: line[key] for _, key in COLUMNS})
    return dict(group)


def _write(cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = [
        cell.ljust(width) if place < 2 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(shown)} |"


def _list(figures: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in sorted(figures.items()))


def _describe_naive(outcome: Mapping[str, Any]) -> str:
    line = outcome["naive_line"]
    if not _is_caught(outcome):
        return "The naive sender was NOT caught: nothing above proves anything."
    return (
        f"A naive sender, {line['rows']} orders through the same checker: {line['accepted']} accepted, "
        f"{line['doubled']} doubled, {line['lost']} lost; {len(outcome['naive'])} violations, so it is caught."
    )


def _describe_violations(violations: Sequence[str]) -> list[str]:
    if not violations:
        return ["No violation: none doubled, none lost, every unconfirmed one settled."]
    more = len(violations) - MOST_VIOLATIONS
    return [
        f"{len(violations)} VIOLATIONS:",
        *(f"- {sentence}" for sentence in violations[:MOST_VIOLATIONS]),
        *([f"- and {more} more"] if more > 0 else []),
    ]
