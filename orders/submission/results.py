"""Turn what a paid call brought, the client's answers or its exception, into one result a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import Attempt
from orders.submission.call_types import Accepted
from providers.calls.circuit_breaker import retry_seconds
from providers.client.errors import (
    AccountRefused,
    NotSent,
    NotSupported,
    OrderProblem,
    OrderRefused,
    ProviderError,
    RateLimited,
    Refused,
    Unknown,
    UnknownReason,
)
from providers.client.types import RowError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


CallOutcome = Attempt.Outcome
TROUBLE = frozenset({CallOutcome.UNKNOWN, CallOutcome.POSTPONED, CallOutcome.NOT_SENT})


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one row: ``text`` is the provider's words or what happened on the way."""

    outcome: str
    external_id: str | None = None
    text: str = ""
    not_before: datetime | None = None
    seen_id: str = ""
    http_status: int | None = None
    excerpt: str = ""
    unlisted: bool = False
    duplicate: bool = False
    problem: str = ""


def results_of(
    rows: Sequence[Any], answers: Mapping[int, Accepted | RowError], error: Exception | None
) -> dict[int, Result]:
    """One result per row, from the client's answers or the exception that ended the call.

    Anything that is not certain is ``unknown``: an exception outside the tree, and a row of a
    batch that the provider did not answer for.
    """
    if error is not None:
        result = _result_of_error(error)
        return {row.pk: result for row in rows}
    results = {}
    for row in rows:
        answer = answers.get(row.pk)
        if isinstance(answer, Accepted):
            results[row.pk] = Result(CallOutcome.ACCEPTED, answer.external_id)
        elif isinstance(answer, RowError):
            is_duplicate = answer.problem == OrderProblem.duplicate
            results[row.pk] = Result(
                CallOutcome.REFUSED, text=answer.error, duplicate=is_duplicate, problem=str(answer.problem or "")
            )
        else:
            results[row.pk] = Result(CallOutcome.UNKNOWN, text=_("The provider didn’t respond for this one."))
    return results


def _result_of_error(error: Exception) -> Result:
    evidence = error.evidence if isinstance(error, ProviderError) else None
    common: dict[str, Any] = {
        "text": (error.error if isinstance(error, Refused) else str(error))[:1000] or type(error).__name__,
        "seen_id": evidence.seen_id if evidence else "",
        "http_status": evidence.http_status if evidence else None,
        "excerpt": evidence.excerpt if evidence else "",
    }
    match error:
        case RateLimited():
            wait = timedelta(seconds=retry_seconds(error))
            return Result(CallOutcome.POSTPONED, not_before=timezone.now() + wait, **common)
        case AccountRefused():
            return Result(CallOutcome.POSTPONED, **common)
        case NotSent():
            return Result(CallOutcome.NOT_SENT, **common)
        case OrderRefused(problem=OrderProblem.duplicate):
            return Result(CallOutcome.REFUSED, duplicate=True, problem=OrderProblem.duplicate.value, **common)
        case OrderRefused():
            return Result(CallOutcome.REFUSED, problem=str(error.problem), **common)
        case Refused() | NotSupported():
            return Result(CallOutcome.REFUSED, **common)
        case Unknown(reason=UnknownReason.unlisted):
            return Result(CallOutcome.UNKNOWN, unlisted=True, **{**common, "text": error.error[:1000]})
    if not isinstance(error, ProviderError):
        common["text"] = f"{type(error).__name__} while sending"
    return Result(CallOutcome.UNKNOWN, **common)
