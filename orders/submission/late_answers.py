"""Late answers, after their row was settled otherwise: store the id, and hold what a person wants sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from orders import statuses
from orders.models import OrderEvent
from orders.submission.call_types import CallType
from orders.submission.results import CallOutcome
from orders.submission.row_moves import event_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orders.submission.results import Result


LATE_ANSWER: Final = statuses.LATE_ANSWER


def late_ids_of(kind: CallType, results: Mapping[int, Result], written: set[int]) -> dict[int, str]:
    """Ids of what was accepted after its row was settled otherwise; none where a person adopted that very id."""
    late = [pk for pk, result in results.items() if pk not in written and result.outcome == CallOutcome.ACCEPTED]
    if not late:
        return {}
    known = dict(kind.model.objects.filter(pk__in=late).values_list("pk", "external_id"))
    return {pk: results[pk].external_id or "" for pk in late if not known[pk] or known[pk] != results[pk].external_id}


def hold_resent(kind: CallType, late: Mapping[int, str]) -> None:
    """Hold what a person wants sent again and has not gone out yet, now that the first try is known as accepted."""
    if not late or statuses.HELD not in kind.machine.moves:
        return
    waiting = kind.model.objects.filter(pk__in=late, status=statuses.QUEUED, claim=None)
    rows = list(waiting.order_by("pk").select_for_update())
    words = _("A late reply shows the first attempt was accepted. Sending it again would buy it twice.")
    waiting.filter(pk__in=[row.pk for row in rows]).update(
        status=statuses.HELD, held_for=LATE_ANSWER, error=words[:1000]
    )
    OrderEvent.objects.bulk_create(
        [event_for(kind, row, before=statuses.QUEUED, after=statuses.HELD, words=words) for row in rows]
    )
