"""The one door to a provider: a client for an account, and what a call leaves behind.

Nothing here may run inside a transaction: a call can take half a minute.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from panelhub.logs import hide_secret
from providers import condition
from providers.budget import Lane, admission
from providers.models import CallRecord, Provider
from providers.wire.client import Account, PanelClient
from providers.wire.outcomes import NotSupported, ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from providers.dialects import Action

logger = logging.getLogger(__name__)


class CallInsideTransaction(RuntimeError):
    """A provider was about to be called while a transaction was open."""


def account_of(provider: Provider) -> Account:
    """The wire's view of an account: plain values, the key decrypted."""
    hide_secret(provider.api_key)
    return Account(
        name=provider.name,
        dialect=provider.speaks,
        api_url=provider.api_url,
        api_key=provider.api_key,
        decimal_comma=provider.decimal_comma,
        rate_limit_is_unknown=provider.rate_limit_is_unknown,
        allow_private=settings.PANELHUB_ALLOW_PRIVATE_PROVIDERS,
        exempt_origin=settings.PANELHUB_SANDBOX_ORIGIN if provider.is_sandbox else "",
    )


def client_for(provider: Provider) -> PanelClient:
    """A client over the connections this process keeps for the account."""
    return PanelClient(account_of(provider))


@contextmanager
def calling(provider: Provider, action: Action, *, lane: Lane, admitted: bool = False) -> Iterator[PanelClient]:
    """Wait for the budget, hand out a client, and note how the call went.

    With ``admitted`` the caller already waits in :func:`providers.budget.admission` (a paid
    call claims its row between the wait and the call). Whatever the client raises passes through.
    """
    # The transaction that Django's TestCase wraps round a test is nobody's work in progress.
    if not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise CallInsideTransaction(action)
    client = client_for(provider)
    if admitted:
        with _noted(provider, action):
            yield client
        return
    with admission(provider, lane=lane), _noted(provider, action):
        yield client


@contextmanager
def _noted(provider: Provider, action: Action) -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    except ProviderError as error:
        with _book_keeping(provider):
            _note_failed(provider, action, error, time.monotonic() - started)
        raise
    with _book_keeping(provider):
        _count(provider, action, "ok", time.monotonic() - started)
        condition.note_success(provider, paid=action.is_paid)


@contextmanager
def _book_keeping(provider: Provider) -> Iterator[None]:
    try:
        yield
    except Error as error:
        # What came of the call matters more than that it was counted: its caller must still get it.
        logger.warning("A call to %s was not counted: %s", provider.name, error)


def _note_failed(provider: Provider, action: Action, error: ProviderError, seconds: float) -> None:
    _count(provider, action, type(error).__name__, seconds)
    if not isinstance(error, NotSupported):
        _record(provider, action, error, seconds)
    condition.note_failure(provider, error, paid=action.is_paid)


def _count(provider: Provider, action: Action, outcome: str, seconds: float) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, ("provider_id", "hour", "action", "outcome", "calls", "seconds")))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO providers_callcount ({columns}) VALUES (%s, %s, %s, %s, 1, %s) "  # noqa: S608
            "ON CONFLICT (provider_id, hour, action, outcome) DO UPDATE SET "
            "calls = providers_callcount.calls + 1, seconds = providers_callcount.seconds + excluded.seconds",
            [provider.pk, connection.ops.adapt_datetimefield_value(hour), str(action), outcome, seconds],
        )


def _record(provider: Provider, action: Action, error: ProviderError, seconds: float) -> None:
    evidence = error.evidence
    CallRecord.objects.create(
        provider=provider,
        action=str(action),
        outcome=type(error).__name__,
        detail=str(error)[:500],
        http_status=evidence.http_status if evidence else None,
        excerpt=evidence.excerpt if evidence else "",
        seconds=seconds,
    )
