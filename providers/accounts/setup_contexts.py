"""What the setup of an account shows: the key that is checked, the catalogue that is read, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext as _

from panelhub.db.aggregates import CAP, CappedCount
from panelhub.redaction import hide_amounts
from panelhub.ui.formatting import format_capped
from providers.accounts.check_contexts import read_check
from providers.accounts.connection_test import BAD, GOOD, has_working_key
from providers.accounts.contexts import load_account, waiting_words
from providers.models import Provider, Service

WAITING: Final = "waiting"
WORKING: Final = "working"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``state`` is waiting, working, good or bad."""

    title: str
    state: str
    lines: list[str]


def load_setup(accounts: QuerySet[Provider]) -> QuerySet[Any]:
    """Return accounts with their last check and how many services they list; nothing of a key."""
    listed = Service.objects.filter(provider=OuterRef("pk"), is_available=True)
    found: QuerySet[Any] = load_account(accounts).annotate(services_count=CappedCount(listed))
    return found


def describe_setup(provider: Any, checking: str, *, sees_cost: bool) -> dict[str, Any]:
    """Return the steps of the account's setup; ``checking`` is the newest check when another one was requested."""
    since = read_check(checking)
    newest = provider.check_id or 0
    key = _describe_key(
        provider, is_checking=newest == 0 or (since is not None and newest <= since), sees_cost=sees_cost
    )
    catalogue = _describe_catalogue(provider, is_ready=key.state == GOOD)
    is_done = catalogue.state == GOOD
    return {
        "provider": provider,
        "steps": [key, catalogue],
        "checking": since,
        "is_waiting": WORKING in (key.state, catalogue.state),
        "is_done": is_done and key.state == GOOD,
        "has_failed": key.state == BAD,
        "is_key_wrong": provider.pause_kind == Provider.Pause.BAD_KEY,
        "services": format_capped(provider.services_count, CAP),
        "can_sync_again": catalogue.state == BAD,
    }


def _describe_key(provider: Any, *, is_checking: bool, sees_cost: bool) -> Step:
    title = _("Key")
    if is_checking:
        return Step(title, WORKING, [])
    refused = provider.pause_kind in (Provider.Pause.BAD_KEY, Provider.Pause.NEW_KEY, Provider.Pause.ACCOUNT_OFF)
    state = GOOD if has_working_key(provider.check_lines) and not refused else BAD
    lines = [line["text"] for line in provider.check_lines or () if line.get("kind") == state]
    shown = lines if state == BAD else lines[:1]
    return Step(title, state, shown if sees_cost else [hide_amounts(line) for line in shown])


def _describe_catalogue(provider: Any, *, is_ready: bool) -> Step:
    title = _("Catalogue")
    if waiting := waiting_words(provider):
        return Step(title, BAD, [waiting])
    if provider.catalogue_at is not None:
        text = _("%(count)s services listed.") % {"count": format_capped(provider.services_count, CAP)}
        return Step(title, GOOD if is_ready else WAITING, [text] if is_ready else [])
    if not is_ready:
        return Step(title, WAITING, [])
    if not provider.is_active:
        return Step(title, WAITING, [_("The account is disabled. Its catalogue syncs once it’s enabled.")])
    if provider.last_failure_at is not None and provider.last_failure_at > provider.check_at:
        return Step(title, BAD, [provider.last_failure])
    return Step(title, WORKING, [])
