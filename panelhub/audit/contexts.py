"""The audit record as it is looked through: its filters, each along an index of the table, and its rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from panelhub.models import AuditEvent
from panelhub.ui.fields import DayField
from panelhub.ui.filters import ListFilter
from panelhub.ui.formatting import format_when
from panelhub.ui.pagination import Sort, number
from panelhub.ui.widgets import PlainDate, PlainInput, PlainSelect

SORT: Final = Sort("newest", _("Newest first"), ("pk",), (number,), descending=True)
COLUMNS: Final = (
    *("pk", "at", "actor_id", "actor_name", "action", "target_type", "target_id", "summary", "ip", "data"),
)
MOST_PEOPLE: Final = 500
HUB: Final = "hub"
"""What stands for the hub itself among the persons."""
LONGEST_DATA: Final = 2_000
_SLACK: Final = timedelta(hours=1)
_NEVER: Final = 2**62


class AuditFilter(ListFilter):
    """Who, what, to which thing, and when."""

    chip_fields = ("person", "action", "about", "since", "until")

    person = forms.ChoiceField(required=False, label=_("Who"), widget=PlainSelect)
    action = forms.ChoiceField(required=False, label=_("Action"), widget=PlainSelect)
    about = forms.CharField(required=False, label=_("Object"), max_length=130, widget=PlainInput)
    since = DayField(required=False, label=_("From"), widget=PlainDate)
    until = DayField(required=False, label=_("To"), widget=PlainDate)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = get_user_model().objects.order_by("username").values_list("pk", "username")[:MOST_PEOPLE]
        self.fields["person"].choices = [("", _("Everyone")), (HUB, _("system")), *people]  # type: ignore[attr-defined]
        self.fields["action"].choices = [("", _("Any action")), *((name, name) for name in known_actions())]  # type: ignore[attr-defined]
        self.fields["about"].widget.attrs["placeholder"] = _("orders.order 12")

    def find(self) -> QuerySet[AuditEvent]:
        """Return the events that fit; what makes no sense is left out."""
        self.is_valid()
        wanted = self.cleaned_data
        events = AuditEvent.objects.all()
        if person := wanted.get("person"):
            events = events.filter(actor__isnull=True) if person == HUB else events.filter(actor=person)
        if action := wanted.get("action"):
            events = events.filter(action=action)
        if about := wanted.get("about"):
            kind, _blank, key = about.strip().lower().partition(" ")
            events = events.filter(target_type=kind, **({"target_id": key.strip()} if key.strip() else {}))
        return _between(events, wanted.get("since"), wanted.get("until"))


def _between(events: QuerySet[AuditEvent], since: date | None, until: date | None) -> QuerySet[AuditEvent]:
    """Return the events of these days, both counted.

    They are listed by their keys, which follow the time nearly: where the days lie among the keys is looked up by
    time, with an hour to spare, so that a day long ago is not searched for among all that came after it.
    """
    if since is not None:
        start = _begin(since)
        first = AuditEvent.objects.filter(at__gte=start - _SLACK).order_by("at", "pk").values("pk")[:1]
        events = events.filter(at__gte=start, pk__gte=Coalesce(Subquery(first), Value(_NEVER)))
    if until is not None:
        end = _begin(until + timedelta(days=1)) if until < date.max else None
        if end is not None:
            beyond = AuditEvent.objects.filter(at__gte=end + _SLACK).order_by("at", "pk").values("pk")[:1]
            events = events.filter(at__lt=end, pk__lte=Coalesce(Subquery(beyond), Value(_NEVER)))
    return events


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def known_actions() -> list[str]:
    """Return every action that was ever recorded: one look into the index for each, however long the record is."""
    table = connection.ops.quote_name(AuditEvent._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE found(action) AS (SELECT MIN(action) FROM {table} UNION ALL "  # noqa: S608 - our own name
            f"SELECT (SELECT MIN(action) FROM {table} AS t WHERE t.action > found.action) FROM found "
            "WHERE found.action IS NOT NULL) SELECT action FROM found WHERE action IS NOT NULL"
        )
        return [row[0] for row in cursor.fetchall()]


def rows_of(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as the list shows them."""
    now = timezone.now()
    return [
        {
            **event,
            "when": format_when(event["at"], now).html,
            "about": f"{event['target_type']} {event['target_id']}".strip(),
            "details": _write_data(event["data"]),
        }
        for event in events
    ]


def _write_data(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=str, sort_keys=True)[:LONGEST_DATA] if data else ""
