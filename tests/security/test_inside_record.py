"""The audit log: old and new values of each change, and removal by its retention alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from orders.api.authentication import make_token
from orders.models import Person
from panelhub.audit.retention import TooYoung, remove_old_events
from panelhub.models import AuditEvent
from tests.helpers.makers import make_provider
from tests.security.people import enter, someone

pytestmark = pytest.mark.django_db


def test_changes_and_removals_are_recorded_with_old_and_new_values(administrator: User) -> None:
    client, staff, provider = enter(administrator), someone("staff"), make_provider()
    row = Person.objects.get(user=staff)
    address = reverse("admin:orders_person_change", args=[row.pk])
    client.post(address, {"user": staff.pk, "providers": [provider.pk], "daily_limit": "5"})
    changed = AuditEvent.objects.filter(action="person.changed", target_type="orders.person").latest("pk")
    assert changed.data["daily_limit"] == [None, "5"]
    assert changed.data["all_providers"] == [True, False]
    assert changed.data["providers"] == [[], [f"{provider.pk} {provider}"]]

    others = [Person.objects.get(user=someone("staff")).pk for _person in range(2)]
    client.post(
        reverse("admin:orders_person_changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk, *others], "post": "yes"},
    )
    removed = AuditEvent.objects.filter(action="person.removed", target_type="orders.person")
    assert removed.count() == 3
    assert removed.get(target_id=str(row.pk)).data["daily_limit"][0].startswith("5")

    token, _key = make_token(staff, "shop")
    typed = {"name": "shop", "requests_per_minute": "9", "may_order": "chosen", "only": ""}
    client.post(reverse("api:token", args=[token.pk]), typed)
    event = AuditEvent.objects.get(action="apitoken.changed")
    assert event.data == {"all_services": [True, False], "requests_per_minute": [300, 9]}
    client.post(reverse("api:switch_token", args=[token.pk]), {"on": "0"})
    assert AuditEvent.objects.get(action="apitoken.switched").data == {"is_active": [True, False]}


def test_roles_of_a_person_are_recorded_with_old_and_new(administrator: User) -> None:
    person = someone("staff")
    manager = Group.objects.get(name="manager")
    typed = {
        "username": person.username, "is_active": "on", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
        "groups": [manager.pk], "person-TOTAL_FORMS": "0", "person-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert enter(administrator).post(reverse("admin:auth_user_change", args=[person.pk]), typed).status_code == 302
    data = AuditEvent.objects.filter(action="person.changed", target_type="auth.user").latest("pk").data
    staff = Group.objects.get(name="staff")
    assert data["groups"] == [[f"{staff.pk} staff"], [f"{manager.pk} manager"]]
    assert data["is_staff"] == [True, False]


@pytest.mark.served
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE panelhub_auditevent SET summary = 'x'",
        "DELETE FROM panelhub_auditevent",
        "DELETE FROM panelhub_auditevent WHERE at < now() - interval '2 years'",
        "SELECT set_config('panelhub.audit_retention', '2100-01-01', true); DELETE FROM panelhub_auditevent",
        "SELECT set_config('panelhub.audit_retention', '2100-01-01', true); UPDATE panelhub_auditevent SET ip = NULL",
    ],
)
def test_the_record_refuses_every_statement_but_that_of_its_retention(statement: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the trigger is there on PostgreSQL alone")
    for age in (0, 900):
        AuditEvent.objects.create(action="a", at=timezone.now() - timedelta(days=age))
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.served
def test_the_record_is_truncated_in_a_test_database_alone() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the trigger is there on PostgreSQL alone")
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'panelhub_refuse_audit_change'")
        (source,) = cursor.fetchone()
        cursor.execute("SELECT tgtype FROM pg_trigger WHERE tgname = 'panelhub_audit_no_truncate'")
        assert cursor.fetchone() is not None
    assert r"current_database() LIKE 'test\_%'" in source


@pytest.mark.served
def test_old_events_leave_by_the_retention_which_is_recorded_itself() -> None:
    now = timezone.now()
    for age in (10, 400, 800):
        AuditEvent.objects.create(action=f"days.{age}", at=now - timedelta(days=age))
    with pytest.raises(TooYoung):
        remove_old_events(now - timedelta(days=364))

    assert remove_old_events(now - timedelta(days=500)) == 1
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"days.10", "days.400", "audit.removed"}
    assert AuditEvent.objects.get(action="audit.removed").data == {"count": 1}
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM panelhub_auditevent WHERE action = 'days.400'")
