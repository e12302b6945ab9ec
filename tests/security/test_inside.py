"""People inside: what staff, managers, administrators and holders of tokens could try, and what stops it."""

from __future__ import annotations

import importlib
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from orders.api.authentication import make_token
from orders.models import ApiToken, OpenService, Order, Person
from orders.permissions import orders_for, providers_for
from orders.roles import permissions_named
from panelhub.models import AuditEvent, Authenticator, SecondFactorRule
from providers.models import Provider
from tests.helpers.makers import grant, make_person, make_provider, make_service, set_limits
from tests.security.people import enter, someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(administrator: User) -> User:
    """Someone with one right that an administrator lacks."""
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


def test_no_one_makes_limits_for_people_with_more_rights_either(administrator: User, chief: User) -> None:
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
