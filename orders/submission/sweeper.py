"""The sweeper: find calls that were begun and never recorded, and leave their outcome open.

A worker that was killed in the middle of a call leaves its row ``sending``. Whether the provider took the order is not
known, so the row becomes ``unconfirmed``, never ``queued``: what is not certain is not sent again.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from orders import statuses
from orders.models import Attempt
from orders.submission import row_moves
from orders.submission.call_types import CALL_TYPES, CallType
from orders.submission.results import CallOutcome
from orders.submission.services import SWEEP_AFTER

AT_ONCE = 1000


def sweep() -> Counter[str]:
    """Turn rows that have been ``sending`` for too long into ``unconfirmed``; return counts by call type."""
    swept: Counter[str] = Counter()
    for kind in CALL_TYPES:
        stale = kind.model.objects.filter(
            status=statuses.SENDING, claimed_at__lt=Now() - timedelta(seconds=SWEEP_AFTER)
        ).values_list("pk", flat=True)
        for pk in list(stale[:AT_ONCE]):
            swept[kind.slug] += _mark_unconfirmed(kind, pk)
    return swept


def _mark_unconfirmed(kind: CallType, pk: int) -> int:
    """Move one row from ``sending`` to ``unconfirmed`` if it is still there; return 1 when it was.

    The claim stays on the row: a reply that still arrives may be recorded by its own try.
    """
    text = _("The call started but its result was never recorded.")
    with transaction.atomic():
        moved = kind.model.objects.filter(
            pk=pk, status=statuses.SENDING, claimed_at__lt=Now() - timedelta(seconds=SWEEP_AFTER)
        ).update(status=statuses.UNCONFIRMED, error=text)
        if moved:
            row = kind.model.objects.get(pk=pk)
            row_moves.event_for(kind, row, before=statuses.SENDING, after=statuses.UNCONFIRMED, words=text).save()
            Attempt.objects.filter(**{kind.subject: pk}, finished_at=None).update(
                outcome=CallOutcome.UNKNOWN, detail=text
            )
    return int(moved)
