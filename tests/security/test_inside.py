"""People inside: what staff, managers, administrators and holders of tokens could try, and what stops it."""

from __future__ import annotations

import importlib
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.api.authentication import make_token
from orders.models import ApiToken, Delivery, HubRules, OpenService, Order, OrderEvent, Person
from orders.permissions import orders_for, providers_for
from orders.roles import ensure_roles, permissions_named
from panelhub.audit.retention import TooYoung, remove_old_events
from panelhub.models import AuditEvent, Authenticator, HandedPassword, SecondFactorRule
from providers.models import Provider
from tests.helpers.makers import grant, make_person, make_provider, make_service, set_limits

pytestmark = pytest.mark.django_db
PASSWORD = "another long one 77"


def enter(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person, backend="panelhub.security.backends.RoleBackend")
    return client


def someone(role: str, *more: str) -> User:
    ensure_roles()
    person = make_person(is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    person.user_permissions.add(*permissions_named(frozenset(more)))
    return person


@pytest.fixture
def administrator() -> User:
    return someone("administrator")


@pytest.fixture
def chief(administrator: User) -> User:
    """Somebody with one right that an administrator lacks."""
    return someone("administrator", "auth.delete_user")


# --- What one sees ----------------------------------------------------------------------------------------------------


def test_an_empty_list_of_providers_is_none_and_the_flag_is_all() -> None:
    provider = make_provider()
    cases = {
        "nobody set anything": (make_person(sees_all=False), []),
        "an empty list": (make_person(), []),
        "one": (make_person(), [provider]),
        "all": (make_person(), [provider]),
        "superuser": (User.objects.create_superuser("root"), [provider]),
    }
    grant(cases["an empty list"][0])
    grant(cases["one"][0], provider)
    for name, (person, seen) in cases.items():
        fresh = User.objects.get(pk=person.pk)
        assert list(providers_for(fresh)) == seen, name
        answer = enter(person).get(reverse("providers:list"))
        if person.is_superuser or seen == []:
            assert (provider.name in answer.content.decode()) is bool(seen and answer.status_code == 200), name


@pytest.mark.parametrize("loss", ["deleted", "switched off", "taken away"])
def test_losing_a_provider_never_widens_a_view(loss: str) -> None:
    mine, other = make_provider(), make_provider()
    Order.objects.create(provider=other)
    person = someone("staff")
    row = grant(person, mine)
    match loss:
        case "deleted":
            mine.delete()
        case "switched off":
            Provider.objects.filter(pk=mine.pk).update(is_active=False)
        case _:
            row.providers.clear()
    fresh = User.objects.get(pk=person.pk)

    assert not orders_for(fresh).exists()
    assert other not in providers_for(fresh)
    for address in ("orders:list", "providers:list", "providers:services", "orders:dashboard", "orders:products"):
        answer = enter(person).get(reverse(address), follow=True)
        assert answer.status_code == 200
        assert other.name not in answer.content.decode()


def test_a_token_without_services_orders_nothing_and_one_for_all_orders_everything() -> None:
    person, service = someone("staff"), OpenService.objects.create(service=make_service())
    for all_services, found in ((False, 0), (True, 1)):
        _row, key = make_token(person, "shop", all_services=all_services)
        answer = Client().post("/api/v2", {"key": key, "action": "services"}).json()
        assert len(answer) == found
    chosen, key = make_token(person, "one", all_services=False)
    chosen.services.add(service)
    service.delete()
    assert Client().post("/api/v2", {"key": key, "action": "services"}).json() == []


def test_the_upgrade_keeps_exactly_the_rights_there_were() -> None:
    provider = make_provider()
    everything, one, without = make_person(), make_person(), make_person(sees_all=False)
    Person.objects.update(all_providers=False)
    grant(one, provider)
    token, _key = make_token(everything, "all", all_services=False)
    chosen, _key = make_token(everything, "one", all_services=False)
    chosen.services.add(OpenService.objects.create(service=make_service(provider)))
    ApiToken.objects.update(made_by=None)
    AuditEvent.objects.create(actor=one, action="apitoken.made", target_type="orders.apitoken", target_id=str(token.pk))

    importlib.import_module("orders.migrations.0022_keep_rights").keep_rights(apps, None)

    flags = dict(Person.objects.values_list("user", "all_providers"))
    assert flags == {everything.pk: True, one.pk: False, without.pk: True}
    assert dict(ApiToken.objects.values_list("name", "all_services")) == {"all": True, "one": False}
    assert dict(ApiToken.objects.values_list("name", "made_by")) == {"all": one.pk, "one": everything.pk}


# --- Accounts with more rights ----------------------------------------------------------------------------------------


def test_limits_of_people_with_more_rights_and_ones_own_are_out_of_reach(administrator: User, chief: User) -> None:
    client, staff = enter(administrator), someone("staff")
    for person, status in ((chief, 403), (administrator, 403), (staff, 302)):
        row = Person.objects.get(user=person)
        typed = {"user": person.pk, "all_providers": "on", "daily_limit": "5", "second_person_above": ""}
        assert client.post(reverse("admin:orders_person_change", args=[row.pk]), typed).status_code == status
        row.refresh_from_db()
        assert (row.daily_limit == 5) is (status == 302)
        gone = reverse("admin:orders_person_delete", args=[row.pk])
        assert client.post(gone, {"post": "yes"}).status_code == status
    rows = list(Person.objects.filter(user__in=[chief, administrator]).values_list("pk", flat=True))
    client.post(
        reverse("admin:orders_person_changelist"),
        {"action": "delete_selected", "_selected_action": rows, "post": "yes"},
    )
    assert Person.objects.filter(pk__in=rows).count() == 2


def test_nobody_makes_limits_for_people_with_more_rights_either(administrator: User, chief: User) -> None:
    Person.objects.all().delete()
    client = enter(administrator)
    for person in (chief, administrator):
        answer = client.post(reverse("admin:orders_person_add"), {"user": person.pk, "daily_limit": "5"})
        assert answer.status_code == 200
        assert not Person.objects.filter(user=person).exists()
    staff = someone("staff")
    Person.objects.all().delete()
    assert client.post(reverse("admin:orders_person_add"), {"user": staff.pk, "daily_limit": "5"}).status_code == 302


def test_who_sees_some_providers_grants_no_others(administrator: User) -> None:
    mine, hidden, staff = make_provider(), make_provider(), someone("staff")
    grant(administrator, mine)
    row = grant(staff, mine)
    client = enter(administrator)
    address = reverse("admin:orders_person_change", args=[row.pk])
    assert hidden.name not in client.get(address).content.decode()
    client.post(address, {"user": staff.pk, "providers": [hidden.pk], "daily_limit": ""})
    client.post(address, {"user": staff.pk, "providers": [mine.pk], "all_providers": "on", "daily_limit": "3"})
    row.refresh_from_db()
    assert (row.all_providers, list(row.providers.all()), row.daily_limit) == (False, [mine], Decimal(3))
    set_limits(staff, all_providers=True)
    assert client.post(address, {"user": staff.pk, "daily_limit": "9"}).status_code == 403


def test_logging_out_leaves_people_with_more_rights_alone(administrator: User, chief: User) -> None:
    staff = someone("staff")
    browsers = {person.pk: enter(person) for person in (chief, staff)}
    enter(administrator).post(
        reverse("admin:auth_user_changelist"), {"action": "log_out", "_selected_action": [chief.pk, staff.pk]}
    )
    home = reverse("orders:list")
    assert browsers[chief.pk].get(home).status_code == 200
    assert browsers[staff.pk].get(home).status_code == 302


def test_tokens_of_people_with_more_rights_are_not_there(administrator: User, chief: User) -> None:
    client, staff = enter(administrator), someone("staff")
    for person, page, post in ((chief, 404, 404), (staff, 200, 302)):
        row, _key = make_token(person, "shop")
        assert client.get(reverse("api:token", args=[row.pk])).status_code == page
        assert client.post(reverse("api:switch_token", args=[row.pk]), {"on": "0"}).status_code == post
        in_admin = client.post(reverse("admin:orders_apitoken_change", args=[row.pk]), {"name": "taken"})
        assert (in_admin.status_code == 403) is (page == 404)


def test_second_factors_and_roles_with_more_rights_stay(administrator: User, chief: User) -> None:
    client = enter(administrator)
    factor = Authenticator.objects.create(user=chief, name="app")
    gone = reverse("admin:panelhub_authenticator_delete", args=[factor.pk])
    assert client.post(gone, {"post": "yes"}).status_code == 403
    owners = Group.objects.create(name="owners")
    owners.permissions.add(*permissions_named(frozenset({"auth.delete_user"})))
    rules = {role: SecondFactorRule.objects.create(role=Group.objects.get(name=role)) for role in ("owners", "staff")}
    for role, status in (("owners", 403), ("staff", 302)):
        gone = reverse("admin:panelhub_secondfactorrule_delete", args=[rules[role].pk])
        assert client.post(gone, {"post": "yes"}).status_code == status


def test_who_may_change_roles_gives_no_right_they_lack(administrator: User) -> None:
    administrator.user_permissions.add(*permissions_named(frozenset({"auth.change_group"})))
    client, viewer = enter(administrator), Group.objects.get(name="viewer")
    address = reverse("admin:auth_group_change", args=[viewer.pk])
    held = [one.pk for one in viewer.permissions.all()]
    (lacking,) = permissions_named(frozenset({"auth.delete_user"}))
    assert client.post(address, {"name": "viewer", "permissions": [*held, lacking.pk]}).status_code == 200
    assert lacking not in viewer.permissions.all()
    assert client.post(address, {"name": "viewer", "permissions": held[1:]}).status_code == 302
    event = AuditEvent.objects.filter(action="group.changed").latest("pk")
    before, after = event.data["permissions"]
    assert len(before) == len(after) + 1


# --- The record -------------------------------------------------------------------------------------------------------


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


# --- Tokens for others ------------------------------------------------------------------------------------------------


def test_a_token_for_a_colleague_is_shown_to_them_alone_once_at_their_next_login(administrator: User) -> None:
    staff, tokens = someone("staff"), reverse("api:tokens")
    before = enter(staff)
    answer = enter(administrator).post(tokens, {"name": "theirs", "person": staff.pk, "requests_per_minute": "300"})
    assert "new-token" not in answer.content.decode()
    row = ApiToken.objects.get(name="theirs")
    assert (row.person, row.made_by, row.is_waiting) == (staff, administrator, True)
    # Not in the session that was open, and not to whoever made it.
    assert "new-token" not in before.get(tokens).content.decode()
    assert "new-token" not in enter(administrator).get(tokens).content.decode()

    client = enter(staff)
    page = client.get(tokens).content.decode()
    secret = page.split('id="new-token">')[1].split("<")[0]
    assert Client().post("/api/v2", {"key": secret, "action": "services"}).json() == []
    assert "new-token" not in client.get(tokens).content.decode()
    assert "new-token" not in enter(staff).get(tokens).content.decode()


@pytest.mark.parametrize("who", ["chief", "superuser", "viewer"])
def test_no_token_is_made_for_people_beyond_reach_or_without_the_right_to_one(
    administrator: User, chief: User, who: str
) -> None:
    people = {"chief": chief, "superuser": User.objects.create_superuser("root"), "viewer": someone("viewer")}
    form = {"name": "theirs", "person": people[who].pk, "requests_per_minute": "300"}
    assert enter(administrator).post(reverse("api:tokens"), form).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_for_oneself_is_shown_at_once(administrator: User) -> None:
    page = enter(administrator).post(reverse("api:tokens"), {"name": "mine"}).content.decode()
    secret = page.split('id="new-token">')[1].split("<")[0]
    assert "error" not in Client().post("/api/v2", {"key": secret, "action": "balance"}).json()


# --- A password that somebody else set --------------------------------------------------------------------------------


def set_password(administrator: User, person: User) -> None:
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    typed = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert enter(administrator).post(address, typed).status_code == 302


def log_in(person: User, password: str = PASSWORD) -> Client:
    client = Client(raise_request_exception=False)
    answer = client.post(reverse("login"), {"username": person.username, "password": password}, REMOTE_ADDR="192.0.2.9")
    assert answer.status_code == 302
    return client


def held_order(author: User) -> Order:
    HubRules.objects.get_or_create(pk=1, defaults={"second_person_above": Decimal("0.1")})
    return Order.objects.create(
        provider=make_provider(), service=make_service(), created_by=author, status="held", held_for="second_person",
        rate=Decimal("0.90"),
    )  # fmt: skip


def test_who_was_given_a_password_can_do_nothing_before_they_changed_it(administrator: User) -> None:
    manager = someone("manager")
    order = held_order(administrator)
    set_password(administrator, manager)
    client, change = log_in(manager), reverse("password_change")

    for address in (reverse("orders:list"), reverse("orders:detail", args=[order.pk]), reverse("admin:index")):
        assert client.get(address)["Location"] == change
    assert client.post(reverse("orders:approve", args=[order.pk]))["Location"] == change
    order.refresh_from_db()
    assert order.status == "held"
    same = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(change, same).status_code == 422
    own = "my very own words 1"
    assert client.post(change, same | {"new_password1": own, "new_password2": own}).status_code == 302
    assert client.get(reverse("orders:list")).status_code == 200
    assert log_in(manager, own).get(reverse("orders:list")).status_code == 200


@pytest.mark.parametrize("way", ["page", "bulk"])
def test_what_such_an_account_approves_is_marked_and_its_owner_has_a_notice(administrator: User, way: str) -> None:
    manager = someone("manager")
    order = held_order(administrator)
    set_password(administrator, manager)
    assert HandedPassword.objects.get(user=manager).set_by == administrator
    client, own = log_in(manager), "my very own words 1"
    typed = {"old_password": PASSWORD, "new_password1": own, "new_password2": own}
    client.post(reverse("password_change"), typed)
    if way == "page":
        client.post(reverse("orders:approve", args=[order.pk]))
    else:
        client.post(reverse("orders:bulk"), {"action": "approve", "ids": [order.pk]})

    order.refresh_from_db()
    assert (order.status, order.approved_by) == ("queued", manager)
    event = OrderEvent.objects.get(order=order, after="queued")
    assert administrator.username in event.words
    assert event.data["password_set_by"] == administrator.pk
    assert AuditEvent.objects.get(action="order.approved").data["password_set_by"] == administrator.pk
    assert administrator.username in client.get(reverse("orders:notices")).content.decode()
    reported = Delivery.objects.filter(notice__kind="password_set").values_list("person", flat=True)
    assert set(reported) == {manager.pk}


def test_a_password_of_ones_own_marks_nothing() -> None:
    manager, author = someone("manager"), someone("staff")
    order = held_order(author)
    client = enter(manager)
    own = "my very own words 1"
    typed = {"old_password": "correct horse battery", "new_password1": own, "new_password2": own}
    assert client.post(reverse("password_change"), typed).status_code == 302
    client.post(reverse("orders:approve", args=[order.pk]))
    event = OrderEvent.objects.get(order=order, after="queued")
    assert (event.words, event.data) == ("", {})


# --- Hidden rows have no names ----------------------------------------------------------------------------------------


@pytest.fixture
def hidden() -> Any:
    return make_service(make_provider(name="kestrel-panel"), name="kestrel-service")


@pytest.mark.parametrize(
    "address",
    [
        "/orders/?service={pk}",
        "/orders/new/?service={pk}",
        "/admin/orders/openservice/add/?service={pk}",
        "/admin/orders/markup/add/?provider={provider}",
        "/admin/orders/markup/add/",
        "/admin/providers/service/",
        "/admin/providers/service/?provider__id__exact={provider}",
        "/admin/providers/cataloguehold/",
        "/admin/providers/service/{pk}/change/",
        "/admin/providers/provider/{provider}/change/",
    ],
)
def test_what_is_hidden_has_no_name_and_answers_like_what_is_not_there(
    administrator: User, hidden: Any, address: str
) -> None:
    grant(administrator, make_provider())
    client = enter(administrator)

    def ask(pk: int, provider: int) -> tuple[int, bool]:
        answer = client.get(address.format(pk=pk, provider=provider), follow=True)
        return answer.status_code, b"kestrel" in answer.content

    there = ask(hidden.pk, hidden.provider_id)
    assert there == ask(999_999, 999_999)
    assert not there[1]
    set_limits(administrator, all_providers=True)
    if "{" in address and "add" not in address:
        assert ask(hidden.pk, hidden.provider_id)[0] == 200


def test_a_token_is_not_given_services_that_its_maker_does_not_see(administrator: User, hidden: Any) -> None:
    opened = OpenService.objects.create(service=hidden)
    grant(administrator, make_provider())
    sentences = set()
    for number in (opened.pk, 999_999):
        answer = enter(administrator).post(reverse("api:tokens"), {"name": "x", "only": str(number)})
        assert answer.status_code == 422
        sentences.add(answer.content.decode().count(f"Not open: {number}."))
    assert sentences == {1}
