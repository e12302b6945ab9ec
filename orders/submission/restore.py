"""After a restore: what waited to be sent in the backup may have been sent since, so nothing goes out by itself."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import statuses
from orders.link_hooks import hold_restored_chains
from orders.models import OrderEvent
from orders.submission.call_types import CALL_TYPES, CallType
from orders.submission.row_moves import event_for

RESTORE: Final = "restore"
_CAN_HOLD: Final = frozenset({"order", "product_order"})


def hold_restored() -> Counter[str]:
    """Hold queued orders and every chain, take queued refills and cancels back, and leave open what was being sent.

    Returns how many rows that were, by outcome.
    """
    done: Counter[str] = Counter()
    done["chains"] += hold_restored_chains()
    for kind in CALL_TYPES:
        with transaction.atomic():
            done["unconfirmed"] += _move(
                kind,
                statuses.SENDING,
                statuses.UNCONFIRMED,
                _("It was being sent when the backup was made, so its result isn’t known."),
            )
            if kind.slug in _CAN_HOLD:
                done["held"] += _move(
                    kind,
                    statuses.QUEUED,
                    statuses.HELD,
                    _("Restored from a backup. It may have been sent after the backup was made."),
                    held_for=RESTORE,
                )
            else:
                done["withdrawn"] += _move(
                    kind,
                    statuses.QUEUED,
                    statuses.WITHDRAWN,
                    _("Restored from a backup. It may already have been sent, so it isn’t sent again."),
                    finished_at=timezone.now(),
                )
    return done


def _move(kind: CallType, before: str, after: str, words: str, **fields: Any) -> int:
    rows = list(kind.model.objects.filter(status=before).order_by("pk").select_for_update())
    kind.model.objects.filter(pk__in=[row.pk for row in rows], status=before).update(
        status=after, error=words[:1000], **fields
    )
    OrderEvent.objects.bulk_create([event_for(kind, row, before=before, after=after, words=words) for row in rows])
    return len(rows)
