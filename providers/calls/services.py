"""The one door to a provider: a client for an account, and what a call leaves behind.

Nothing here may run inside a transaction: a call can take half a minute.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from panelhub.background.pool import timed_call
from panelhub.http.request_id import current_id
from panelhub.redaction import hide_secret
from providers.calls import circuit_breaker
from providers.calls.admission import KeptPlace, admission
from providers.calls.rate_limit import BudgetExhausted, CallPriority
from providers.client.client import Account, PanelClient
from providers.client.connection import Interruption, interruptible
from providers.client.errors import NotSupported, ProviderError
from providers.client.transcript import MASK
from providers.models import CallRecord, Provider

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from providers.dialects import Action

logger = structlog.get_logger(__name__)

OK: Final = "ok"
ROW_BYTES: Final = 200
"""About what a record takes beside its texts, its places in indexes counted in."""


class CallInsideTransaction(RuntimeError):
    """A provider was about to be called while a transaction was open."""


def account_of(provider: Provider) -> Account:
    """Return the wire's view of an account: plain values, the key decrypted."""
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
    """Return a client over the connections this process keeps for the account."""
    return PanelClient(account_of(provider))


@dataclass(slots=True)
class Stretch:
    """Reads of one provider in a row by one thread: they share a place, and what went well is noted together.

    A process that is killed loses what was not noted yet, which is counts and nothing else.
    """

    provider: Provider
    place: KeptPlace = field(default_factory=KeptPlace)
    counts: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    answered_at: datetime | None = None

    def note(self, action: Action, seconds: float) -> None:
        """Count a call that went well."""
        calls, before = self.counts.get((str(action), OK), (0, 0.0))
        self.counts[str(action), OK] = calls + 1, before + seconds
        self.answered_at = timezone.now()

    def write(self) -> None:
        """Write what was noted."""
        if self.answered_at is not None:
            with _book_keeping(self.provider):
                _count(self.provider, self.counts)
                circuit_breaker.note_success(self.provider, paid=False, at=self.answered_at)
            self.counts, self.answered_at = {}, None


@contextmanager
def calls_in_a_row(provider: Provider) -> Iterator[Stretch]:
    """Hand out a stretch for calls that follow each other within seconds."""
    stretch = Stretch(provider)
    try:
        yield stretch
    finally:
        stretch.place.leave()
        stretch.write()


@contextmanager
def calling(
    provider: Provider,
    action: Action,
    *,
    priority: CallPriority,
    admitted: bool = False,
    call: uuid.UUID | None = None,
    stretch: Stretch | None = None,
) -> Iterator[PanelClient]:
    """Wait for the budget, hand out a client, and note how the call went.

    With ``admitted`` the caller already waits in :func:`providers.calls.admission.admission` (a paid
    call claims its row between the wait and the call). ``call`` is the token of a paid call, by which
    its record is found; a read may belong to a ``stretch``. Whatever the client raises passes through.
    """
    # The transaction that Django's TestCase wraps round a test is no one's work in progress.
    if not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise CallInsideTransaction(action)
    client = client_for(provider)
    if admitted:
        with _noted(client, provider, action, call):
            yield client
        return
    kept = stretch.place if stretch is not None else None
    with admission(provider, priority=priority, kept=kept), _noted(client, provider, action, call, stretch):
        yield client


@contextmanager
def _noted(
    client: PanelClient, provider: Provider, action: Action, call: uuid.UUID | None, stretch: Stretch | None = None
) -> Iterator[None]:
    started = time.monotonic()
    interruption = Interruption()
    try:
        with _timed(action) as interruption:
            yield
    except ProviderError as error:
        seconds = time.monotonic() - started
        if interruption.is_set:
            # It says nothing that the call for which this one gave way will not say.
            _log_call(provider, action, "gave way", seconds)
            raise BudgetExhausted from None
        if stretch is not None:
            # What went well before must not count as if it came after.
            stretch.write()
        with _book_keeping(provider):
            _count(provider, {(str(action), type(error).__name__): (1, seconds)})
            if not isinstance(error, NotSupported):
                _record(client, provider, action, error, seconds, call)
            circuit_breaker.note_failure(provider, error, paid=action.is_paid)
            _log_call(provider, action, type(error).__name__, seconds, words=str(error))
        raise
    except Exception as error:
        # It says nothing about the provider; but a result that was paid for is stored.
        if action.is_paid:
            with _book_keeping(provider):
                _record(client, provider, action, error, time.monotonic() - started, call)
        raise
    seconds = time.monotonic() - started
    if stretch is not None:
        stretch.note(action, seconds)
        _log_call(provider, action, OK, seconds)
        return
    with _book_keeping(provider):
        _count(provider, {(str(action), OK): (1, seconds)})
        if action.is_paid:
            _record(client, provider, action, None, seconds, call)
        circuit_breaker.note_success(provider, paid=action.is_paid)
        _log_call(provider, action, OK, seconds)


@contextmanager
def _timed(action: Action) -> Iterator[Interruption]:
    """Time a call for the pool, which may end a read of a provider whose other call hangs as well."""
    with interruptible() as interruption:
        give_up = None if action.is_paid else interruption.set
        with timed_call(give_up, is_paid=action.is_paid):
            yield interruption


@contextmanager
def _book_keeping(provider: Provider) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # The result of the call matters more than that it was counted: its caller must still get it. An id that was
        # bought for must not be lost to a text that cannot be stored.
        with suppress(Exception):
            logger.warning(
                "A call to %s was not counted: %s", provider.name, error, exc_info=not isinstance(error, Error)
            )


def _log_call(provider: Provider, action: Action, outcome: str, seconds: float, **more: str) -> None:
    """A line in the log: of every paid call and every failure; hundreds of good reads a minute only where set so."""
    say = logger.info if action.is_paid or outcome != OK else logger.debug
    say("provider call", provider=provider.name, action=str(action), outcome=outcome, seconds=round(seconds, 3), **more)


def _count(provider: Provider, counts: Mapping[tuple[str, str], tuple[int, float]]) -> None:
    """Add calls and seconds by action and outcome; one statement."""
    hour = connection.ops.adapt_datetimefield_value(timezone.now().replace(minute=0, second=0, microsecond=0))
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, ("provider_id", "hour", "action", "outcome", "calls", "seconds")))
    rows = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(counts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO providers_callcount ({columns}) VALUES {rows} "  # noqa: S608
            "ON CONFLICT (provider_id, hour, action, outcome) DO UPDATE SET "
            "calls = providers_callcount.calls + excluded.calls, "
            "seconds = providers_callcount.seconds + excluded.seconds",
            [value for key, figures in sorted(counts.items()) for value in (provider.pk, hour, *key, *figures)],
        )


def _record(
    client: PanelClient,
    provider: Provider,
    action: Action,
    error: Exception | None,
    seconds: float,
    call: uuid.UUID | None,
) -> None:
    evidence = error.evidence if isinstance(error, ProviderError) else None
    exchange = client.exchange
    excerpt = evidence.excerpt if evidence else ""
    if exchange and exchange.reply != MASK:
        excerpt = exchange.reply
    http_status = exchange.http_status if exchange else evidence.http_status if evidence else None
    sent: dict[str, Any] | None = dict(exchange.sent) if exchange else None
    detail = str(error)[:500] if isinstance(error, ProviderError) else type(error).__name__ if error else ""
    CallRecord.objects.create(
        provider=provider,
        action=str(action),
        outcome=type(error).__name__ if error else OK,
        detail=detail,
        http_status=http_status,
        excerpt=excerpt,
        seconds=seconds,
        is_paid=action.is_paid,
        sent=sent,
        call=call,
        request_id=current_id(),
        size=ROW_BYTES + sum(len(text.encode()) for text in (detail, excerpt, json.dumps(sent) if sent else "")),
    )
