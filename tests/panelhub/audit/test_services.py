"""The audit record is only ever added to."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.test import RequestFactory

from panelhub.audit.services import record
from panelhub.models import AppendOnly, AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


def test_an_event_says_who_did_what_to_what_and_from_where(ann: User) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")

    event = record(ann, "person.changed", ann, "Made ann a manager", request=request, role="manager")

    event.refresh_from_db()
    assert (event.actor, event.actor_name, event.action) == (ann, "ann", "person.changed")
    assert (event.target_type, event.target_id) == ("auth.user", str(ann.pk))
    assert (event.ip, event.data) == ("192.0.2.7", {"role": "manager"})


@pytest.mark.parametrize("actor", [None, AnonymousUser()])
def test_the_hub_itself_may_be_the_actor(actor: AnonymousUser | None) -> None:
    event = record(actor, "provider.paused", "provider")

    assert (event.actor, event.actor_name, event.target_type, event.ip) == (None, "", "provider", None)


def test_a_summary_holds_no_secret_and_no_line_break(ann: User) -> None:
    event = record(ann, "provider.changed", "x", "key=CANARY1234\r\nfake line" + "x" * 900)

    assert "CANARY" not in event.summary
    assert "\n" not in event.summary
    assert len(event.summary) == 500


def test_an_event_cannot_be_changed_or_removed(ann: User) -> None:
    event = record(ann, "a", None)
    event.summary = "other"

    for attempt in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(summary="other"),
        lambda: AuditEvent.objects.bulk_update([event], ["summary"]),
    ):
        with pytest.raises(AppendOnly):
            attempt()


def test_whoever_is_in_the_record_is_not_removed(ann: User) -> None:
    record(ann, "a", None)

    with pytest.raises(ProtectedError):
        ann.delete()


@pytest.mark.parametrize(
    "statement", ["UPDATE panelhub_auditevent SET summary = 'x'", "DELETE FROM panelhub_auditevent"]
)
def test_postgresql_refuses_changes_behind_djangos_back(ann: User, statement: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the trigger is there on PostgreSQL alone")
    record(ann, "a", None)

    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
