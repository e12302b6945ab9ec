"""Pages of people: a colleague in one form, and nothing that admin would not let anyone do."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from orders.models import Person
from orders.roles import ensure_roles, permissions_named
from panelhub.models import AuditEvent, Authenticator, HandedPassword
from tests.helpers.makers import grant, make_person, make_provider, set_limits
from tests.helpers.pages import log_in, text_of

pytestmark = pytest.mark.django_db
ADD = "orders:person_add"


def with_role(name: str, *more: str, **fields: Any) -> User:
    ensure_roles()
    person = make_person(**fields)
    person.groups.add(Group.objects.get(name=name))
    person.user_permissions.add(*permissions_named(frozenset(more)))
    return person


@pytest.fixture
def administrator() -> User:
    return with_role("administrator")


def role(name: str) -> int:
    return int(Group.objects.get(name=name).pk)


def typed(name: str = "ana", of: str = "staff", **fields: Any) -> dict[str, Any]:
    return {"username": name, "email": "", "role": role(of), "daily_limit": "50", "all_providers": "on", **fields}


def test_a_colleague_with_role_and_limit_is_one_form_and_logs_in_with_the_password_shown(administrator: User) -> None:
    answer = log_in(administrator).post(reverse(ADD), typed())

    ana = User.objects.get(username="ana")
    assert [group.name for group in ana.groups.all()] == ["staff"]
    row = Person.objects.get(user=ana)
    assert (row.daily_limit, row.no_limit, row.all_providers) == (Decimal(50), False, True)
    found = re.search(r'id="new-password">([^<]+)<', text_of(answer))
    assert found
    browser = Client()
    answer = browser.post(reverse("login"), {"username": "ana", "password": found[1]}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("password_change")
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions[:3] == ["person.added", "person.changed", "person.password_set"]
    assert found[1] not in str(list(AuditEvent.objects.values()))


@override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend")
def test_where_mail_is_set_a_link_goes_out_and_who_sent_it_is_kept(
    administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("panelhub.security.people.publish", lambda *args, **kwargs: sent.append(args))

    answer = log_in(administrator).post(reverse(ADD), typed(email="ana@example.com"))

    ana = User.objects.get(username="ana")
    assert "new-password" not in text_of(answer)
    assert [args[:2] for args in sent] == [("panelhub.tasks.send_password_reset", ana.pk)]
    assert not ana.has_usable_password()
    handed = HandedPassword.objects.get(user=ana)
    assert handed.set_by == administrator
    assert handed.changed_at is not None
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"daily_limit": ""}, "Enter an amount, or select"),
        ({"daily_limit": "-1"}, "The amount can’t be negative"),
        ({"username": "ADA"}, "This username is already taken"),
        ({"email": "ada@example.com"}, "This email address is already in use"),
        ({"role": ""}, "This field is required"),
    ],
)
def test_what_is_missing_or_taken_is_said_at_its_field(
    administrator: User, fields: dict[str, str], sentence: str
) -> None:
    User.objects.create(username="ada", email="ada@example.com")
    answer = log_in(administrator).post(reverse(ADD), typed() | fields)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not User.objects.filter(username="ana").exists()


def test_a_viewer_needs_no_limit(administrator: User) -> None:
    log_in(administrator).post(reverse(ADD), typed(of="viewer", daily_limit=""))

    assert not Person.objects.get(user__username="ana").has_limit_set


# --- People inside ----------------------------------------------------------------------------------------------------


def test_no_role_is_given_that_its_giver_lacks(administrator: User) -> None:
    owners = Group.objects.create(name="owners")
    owners.permissions.add(*permissions_named(frozenset({"auth.delete_user"})))
    client = log_in(administrator)

    assert "owners" not in text_of(client.get(reverse(ADD)))
    for chosen in (owners.pk, 999_999, "x"):
        answer = client.post(reverse(ADD), typed() | {"role": chosen, "is_superuser": "on", "is_staff": "on"})
        assert answer.status_code == 422
    client.post(reverse(ADD), typed() | {"is_superuser": "on", "is_staff": "on", "user_permissions": "1"})
    ana = User.objects.get(username="ana")
    assert (ana.is_superuser, ana.is_staff, ana.user_permissions.count()) == (False, False, 0)


def test_people_with_more_rights_and_oneself_are_out_of_reach(administrator: User) -> None:
    chief, root = with_role("administrator", "auth.delete_user"), User.objects.create_superuser("root")
    client = log_in(administrator)
    for person in (chief, root, administrator):
        before = User.objects.filter(pk=person.pk).values().get()
        for name in ("person", "person_access", "person_log_out", "person_forget_factor"):
            answer = client.post(reverse(f"orders:{name}", args=[person.pk]), typed("taken", "viewer"))
            assert answer.status_code == 403, name
        assert client.get(reverse("orders:person", args=[person.pk])).status_code == 200
        after = User.objects.filter(pk=person.pk).values().get()
        assert before | {"last_login": None} == after | {"last_login": None}
    assert client.get(reverse("orders:list")).status_code == 200


def test_who_sees_some_providers_grants_those_alone_and_takes_no_others_away(administrator: User) -> None:
    mine, hidden = make_provider(), make_provider(name="kestrel-panel")
    grant(administrator, mine)
    client = log_in(administrator)

    assert "kestrel" not in text_of(client.get(reverse(ADD)))
    assert client.post(reverse(ADD), typed() | {"providers": [hidden.pk]}).status_code == 422
    client.post(reverse(ADD), typed() | {"providers": [mine.pk]})
    row = Person.objects.get(user__username="ana")
    assert (row.all_providers, list(row.providers.all())) == (False, [mine])
    # Someone who sees more is left as they are.
    other = with_role("staff")
    grant(other, mine, hidden)
    answer = client.post(reverse("orders:person", args=[other.pk]), typed(other.username) | {"providers": [mine.pk]})
    assert answer.status_code == 403
    assert "kestrel" not in text_of(client.get(reverse("orders:person", args=[other.pk])))
    assert "kestrel" not in text_of(client.get(reverse("orders:people")))


def test_an_administrator_without_a_row_takes_no_provider_away() -> None:
    alone, staff = with_role("administrator", sees_all=False), with_role("staff")
    hidden = make_provider()
    grant(staff, hidden)

    address = reverse("orders:person", args=[staff.pk])
    answer = log_in(alone).post(address, typed(staff.username) | {"daily_limit": "7"})

    assert answer.status_code == 302
    row = Person.objects.get(user=staff)
    assert (row.daily_limit, list(row.providers.all())) == (Decimal(7), [hidden])


def test_another_address_for_links_is_marked_and_a_password_to_change_stays_to_change(administrator: User) -> None:
    staff = with_role("staff")
    client, address = log_in(administrator), reverse("orders:person", args=[staff.pk])
    password = text_of(client.post(reverse("orders:person_access", args=[staff.pk])))
    assert "new-password" in password

    client.post(address, typed(staff.username, email="mine@example.com", is_active="on"))

    handed = HandedPassword.objects.get(user=staff)
    assert (handed.set_by, handed.changed_at) == (administrator, None)
    fresh = with_role("staff")
    client.post(
        reverse("orders:person", args=[fresh.pk]), typed(fresh.username, email="two@example.com", is_active="on")
    )
    assert HandedPassword.objects.get(user=fresh).set_by == administrator


def test_a_person_is_changed_switched_off_and_logged_out_with_a_record(administrator: User) -> None:
    staff = with_role("staff")
    Authenticator.objects.create(user=staff, name="app", confirmed=True)
    theirs, client = log_in(staff), log_in(administrator)
    assert client.post(reverse("orders:person_log_out", args=[staff.pk])).status_code == 302
    assert theirs.get(reverse("profile")).status_code == 302
    assert client.post(reverse("orders:person_forget_factor", args=[staff.pk])).status_code == 302
    assert not Authenticator.objects.filter(user=staff).exists()

    client.post(reverse("orders:person", args=[staff.pk]), typed(staff.username, "manager", no_limit="on"))

    staff.refresh_from_db()
    assert [group.name for group in staff.groups.all()] == ["manager"]
    assert not staff.is_active
    event = AuditEvent.objects.filter(action="person.changed", target_type="auth.user").latest("pk")
    assert event.data["is_active"] == [True, False]
    assert "manager" in str(event.data["groups"][1])
    # An amount counts before the box.
    assert Person.objects.get(user=staff).daily_limit == 50


def test_the_list_takes_as_many_statements_for_many_people_as_for_few(
    administrator: User, django_assert_max_num_queries: Any
) -> None:
    client = log_in(administrator)
    client.get(reverse("orders:people"))
    for number in range(30):
        person = with_role("staff")
        set_limits(person, daily_limit=Decimal(number))
        grant(person, make_provider())
    with django_assert_max_num_queries(14):
        page = text_of(client.get(reverse("orders:people")))
    assert page.count("data-row") == 31
