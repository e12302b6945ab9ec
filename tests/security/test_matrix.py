"""The table of permissions holds for every address, method and person."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.security.matrix import ADMIN, ADMIN_EXTRAS, ADMIN_PAGES, ALL, PAGES, PROGRAM, AdminRule, Rule
from tests.security.world import ANONYMOUS, FOREIGN_WORDS, LIMITED, PEOPLE, SUPERUSER, World, body_of, fill, undone

pytestmark = [pytest.mark.alike, pytest.mark.long]
METHODS = ("get", "post", "put", "delete")
# Rows that belong to no provider: whoever may see some of them sees all.
OF_NO_PROVIDER = ("colleague", "channel")
VERBS = {"changelist": "view", "add": "add", "history": "view", "delete": "delete", "change": "change"}


@pytest.fixture
def world(db: None) -> World:
    return fill()


def url_names(resolver: Any = None, namespace: str = "") -> list[str]:
    """Return every name of the resolver, as ``namespace:name``; an address without a name under its pattern."""
    names: list[str] = []
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLPattern):
            names.append(f"{namespace}{found.name or found.pattern}")
        elif isinstance(found, URLResolver):
            names += url_names(found, f"{namespace}{found.namespace}:" if found.namespace else namespace)
    return names


def test_every_address_is_in_the_table() -> None:
    named = [name for name in url_names() if not name.startswith("admin:")]
    here = set(named)
    assert len(named) == len(here), "two addresses under one name"

    # The same endpoint with a slash at its end; what it answers is tested where the endpoint is.
    assert here - {"api/v2/"} == set(PAGES)


def test_every_table_of_admin_is_in_the_table() -> None:
    names = {name.removeprefix("admin:") for name in url_names() if name.startswith("admin:")}
    unnamed = {name for name in names if "(?P" in name or "<path:" in name}
    expected = {f"{table}_{page}" for table in ADMIN for page in VERBS} | ADMIN_PAGES | set(ADMIN_EXTRAS)

    assert names - unnamed == expected


def _ask(world: World, name: str, method: str, person: str, *, owner: str = "") -> Any:
    rule = PAGES[name]
    kwargs = dict(rule.kwargs)
    if rule.row:
        kwargs["pk"] = world.pk_of(rule.row, owner or person)
    browser, address = world.browser(person), reverse(name, kwargs=kwargs)
    if method == "post":
        answer = browser.post(
            address, {field: world.rows[word].pk if word in world.rows else word for field, word in rule.data.items()}
        )
    else:
        answer = getattr(browser, method)(address)
    if answer.streaming:
        body_of(answer)
    return answer


def _may(person: str, least: str) -> bool:
    return least != PROGRAM and PEOPLE.index(person) >= PEOPLE.index(least)


def _is_login(response: Any) -> bool:
    return response.status_code == 302 and response["Location"].partition("?")[0] in ("/login/", "/admin/login/")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_each_person_gets_what_the_table_says(world: World, name: str) -> None:
    rule = PAGES[name]
    wrong = []
    for person in PEOPLE:
        for method in METHODS:
            with undone():
                response = _ask(world, name, method, person)
            if not _is_as_declared(response, person, least=getattr(rule, method, ""), rule=rule):
                wrong.append((person, method, response.status_code))
    assert not wrong


def _is_as_declared(response: Any, person: str, *, least: str, rule: Rule) -> bool:
    status: int = response.status_code
    if least == PROGRAM:
        return status == rule.refused
    if person == ANONYMOUS and ALL not in (rule.get, rule.post):
        # An address that looks at tokens itself may refuse the method first.
        return _is_login(response) or (not least and status == 405)
    if not least:
        return status in (405, 403, rule.refused) if not _may(person, rule.get or rule.post) else status == 405
    if not _may(person, least):
        return status == rule.refused
    if rule is PAGES["logout"]:
        return _is_login(response)
    if rule is PAGES["healthz"]:
        return status in (200, 503)
    return (status < 400 or status == 422) and not _is_login(response)


@pytest.mark.parametrize("reader", LIMITED)
@pytest.mark.parametrize("name", sorted(name for name, rule in PAGES.items() if rule.row not in ("", *OF_NO_PROVIDER)))
def test_rows_of_other_providers_and_other_people_are_not_there(world: World, name: str, reader: str) -> None:
    rule = PAGES[name]
    # A token is its person's; administrators see everybody's.
    person = "manager" if rule.row.startswith("mine:") else reader
    for method in ("get", "post"):
        if not getattr(rule, method):
            continue
        with undone():
            response = _ask(world, name, method, person, owner=reader)
        assert response.status_code == 404, method


@pytest.mark.parametrize("reader", LIMITED)
@pytest.mark.parametrize("name", sorted(name for name, rule in PAGES.items() if rule.get and not rule.row))
def test_pages_name_nothing_of_other_providers(world: World, name: str, reader: str) -> None:
    response = _ask(world, name, "get", reader)
    body = body_of(response)

    assert not [word for word in FOREIGN_WORDS if word.encode() in body]


@pytest.mark.parametrize("table", sorted(ADMIN))
def test_each_person_gets_what_the_table_says_in_admin(world: World, table: str) -> None:
    rule = ADMIN[table]
    pk = _row_of(world, table, rule)
    wrong = []
    for person in PEOPLE:
        for page, verb in VERBS.items():
            address = reverse(f"admin:{table}_{page}", args=[pk] if page in ("history", "delete", "change") else [])
            for method in ("get", "post"):
                with undone():
                    status = getattr(world.browser(person), method)(address).status_code
                if status not in _expected(rule, verb, method, person):
                    wrong.append((person, page, method, status))
    assert not wrong


def _expected(rule: AdminRule, verb: str, method: str, person: str) -> tuple[int, ...]:
    if person == ANONYMOUS:
        return (302,)
    least = getattr(rule, verb)
    # Whoever may see a row may open its page to read it.
    if verb == "change" and method == "get":
        least = min(filter(None, (rule.view, rule.change)), key=PEOPLE.index)
    return (200, 302) if least and _may(person, least) else (403,)


def _row_of(world: World, table: str, rule: AdminRule) -> Any:
    from django.apps import apps

    if rule.row:
        return world.pk_of(rule.row, "staff")
    app, _underline, model = table.rpartition("_")
    return _make_row(apps.get_model(app, model), world).pk


def _make_row(model: Any, world: World) -> Any:
    from decimal import Decimal

    from django.contrib.auth.models import Group, User

    from panelhub import audit

    name, staff = model._meta.label_lower, world.people["staff"]
    makers: dict[str, Any] = {
        "panelhub.auditevent": lambda: audit.record(staff, "order.settled"),
        "panelhub.secondfactorrule": lambda: model.objects.create(role=Group.objects.create(name="careful")),
        "orders.person": lambda: model.objects.get(user=staff),
        "orders.hubrules": lambda: model.objects.create(pk=1),
        "orders.exchangerate": lambda: model.objects.create(currency="EUR", rate=Decimal("1.1")),
        "auth.group": lambda: Group.objects.create(name="another"),
        "auth.user": lambda: User.objects.create(username="somebody"),
        "axes.accessattempt": lambda: model.objects.create(failures_since_start=1),
        "axes.accesslog": lambda: model.objects.create(),
        "axes.accessfailurelog": lambda: model.objects.create(),
        "orders.channel": lambda: model.objects.create(name="desk"),
        "panelhub.authenticator": lambda: model.objects.create(user=staff, name="app"),
    }
    return makers[name]()


@pytest.mark.parametrize("name", sorted(ADMIN_PAGES - {"login", "logout", "view_on_site", "app_list"}))
def test_admin_is_closed_to_whoever_is_not_let_in(world: World, name: str) -> None:
    from django.contrib.auth.models import User

    User.objects.filter(username=SUPERUSER).update(is_staff=False)
    for person in (ANONYMOUS, SUPERUSER):
        response = world.browser(person).get(reverse(f"admin:{name}"))
        assert response.status_code in (302, 403), person
        assert response.status_code == 403 or _is_login(response)
