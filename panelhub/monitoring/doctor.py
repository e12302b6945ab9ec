"""Check a deployment: what is wrong with it, in sentences that say what to do. `manage.py doctor` prints them.

# in an AppConfig.ready():
register_check("Mail", check_channels)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import Error, connection, transaction

from panelhub.redaction import scrub


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of a check: ``is_good`` is False when something must be changed, None when it is worth knowing."""

    is_good: bool | None
    text: str


Check = Callable[[], Iterable[Finding]]
_checks: Final[dict[str, tuple[Check, bool]]] = {}


def good(text: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(is_good=True, text=text)


def bad(text: str) -> Finding:
    """Return a finding that must be mended."""
    return Finding(is_good=False, text=text)


def note(text: str) -> Finding:
    """Return a finding that is worth knowing and no fault."""
    return Finding(is_good=None, text=text)


def register_check(name: str, check: Check, *, needs_database: bool = False) -> None:
    """Add a check; the same name again replaces it. With ``needs_database`` it waits for one that is there."""
    _checks[name] = check, needs_database


def diagnose() -> Iterator[tuple[str, Finding]]:
    """Yield each check's findings with its name, in the order in which the checks were registered."""
    has_database = _is_database_prepared()
    for name, (check, needs_database) in _checks.items():
        if needs_database and not has_database:
            yield name, note("Not checked: the database does not answer or was not prepared.")
            continue
        for finding in _run(check):
            yield name, Finding(finding.is_good, scrub(" ".join(finding.text.split())))


def _run(check: Check) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings.extend(check())
    except Exception as error:
        # Whatever goes wrong while one thing is checked, the others are checked too.
        findings.append(bad(f"This could not be checked: {type(error).__name__}: {error}"))
    return findings


def _is_database_prepared() -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM panelhub_heartbeat")
    except Error:
        return False
    return True
