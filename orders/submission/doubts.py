"""Doubtful refusals: unlisted ones, and duplicates after an earlier try.

Everything here runs while an outcome is recorded (:mod:`orders.submission.records`) and calls no provider.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Attempt, BalanceCheck, Order, OrderEvent
from orders.submission.call_types import ORDERS, PRODUCT_ORDERS, CallType

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from orders.submission.results import Result

CallOutcome = Attempt.Outcome
FIRST_READING: Final = timedelta(seconds=30)
"""After the call: soon, so that money which comes in later cannot hide a charge."""
_FIGURES: Final = re.compile(r"\d+")
_BLANKS: Final = re.compile(r"\s+")


def is_checked(kind: CallType, result: Result) -> bool:
    """Return whether the balance is checked for this outcome."""
    return result.unlisted and kind in (ORDERS, PRODUCT_ORDERS)


def describe_check(words: str) -> str:
    """Return what a row shows while its balance is checked."""
    sentence = _("Rejected with an unknown message: “%(words)s”. Checking the balance.")
    return sentence % {"words": words[:900]}


def compare_words(words: str, row: Any) -> str:
    """Return a refusal as it is compared with others: without figures, and without what the order itself says."""
    text = words.casefold()
    if link := str(getattr(row, "link", "") or "").casefold():
        text = text.replace(link, "…")
    return _BLANKS.sub(" ", _FIGURES.sub("#", text)).strip()[:200]


def open_checks(kind: CallType, token: uuid.UUID, rows: Sequence[Any], results: Mapping[int, Result]) -> None:
    """Make the check of the balance for each row of a call that was refused in unlisted words."""
    checked = {row.pk: row for row in rows if is_checked(kind, results[row.pk])}
    if not checked:
        return
    subject = f"{kind.subject}_id"
    attempts = Attempt.objects.filter(call=token, **{f"{subject}__in": list(checked)})
    BalanceCheck.objects.bulk_create(
        [
            BalanceCheck(
                provider_id=attempt.provider_id,
                attempt=attempt,
                words=compare_words(results[pk].text, checked[pk]),
                price=least_charge(checked[pk]),
                due_at=timezone.now() + FIRST_READING,
                **{subject: pk},
            )
            for attempt in attempts
            if (pk := getattr(attempt, subject)) in checked
        ],
        ignore_conflicts=True,
    )


def least_charge(row: Any) -> Any:
    """Return the least that a purchase would have taken from the balance at once; None where that is not known.

    A drip-feed may be charged run by run.
    """
    if row.expected_charge is None:
        return None
    try:
        runs = int(str((getattr(row, "parameters", None) or {}).get("runs") or 1))
    except ValueError:
        runs = 1
    return row.expected_charge / max(1, runs)


def doubt_duplicates(
    kind: CallType, token: uuid.UUID, rows: Sequence[Any], results: Mapping[int, Result]
) -> Mapping[int, Result]:
    """Return the results with a duplicate refusal made unknown where an earlier try of the row is not known.

    "You have an active order with this link" then says that the earlier try was accepted.
    """
    duplicates = [pk for pk, result in results.items() if result.duplicate and result.outcome == CallOutcome.REFUSED]
    if not duplicates:
        return results
    subject = f"{kind.subject}_id"
    earlier = Attempt.objects.filter(
        outcome__in=(CallOutcome.UNKNOWN, CallOutcome.OPEN), **{f"{subject}__in": duplicates}
    ).exclude(call=token)
    doubtful = set(earlier.values_list(subject, flat=True))
    if kind is ORDERS:
        _note_on_others([row for row in rows if row.pk in duplicates and row.pk not in doubtful], results)
    sentence = _("The provider says the order already exists: “%(words)s”. An earlier attempt was probably accepted.")
    return {
        pk: replace(result, outcome=CallOutcome.UNKNOWN, text=sentence % {"words": result.text[:800]})
        if pk in doubtful
        else result
        for pk, result in results.items()
    }


def _note_on_others(rows: Sequence[Any], results: Mapping[int, Result]) -> None:
    """Write onto unconfirmed orders for the same link what the refusal of a later order says about them."""
    events = []
    for row in rows:
        if not row.target_key:
            continue
        others = Order.objects.filter(
            provider_id=row.provider_id, target_key=row.target_key, status=statuses.UNCONFIRMED
        ).exclude(pk=row.pk)
        words = _("Order #%(order)s for the same link was rejected as a duplicate, so this one was probably accepted.")
        events += [
            OrderEvent(order_id=pk, kind=OrderEvent.Kind.NOTE, words=words % {"order": row.pk}, data={"order": row.pk})
            for pk in others.values_list("pk", flat=True)[:10]
        ]
    OrderEvent.objects.bulk_create(events)
