"""Every page that can be reached, under the settings of production: its headers, its cookies, no crash anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from tests.security.crawling import crawl
from tests.security.matrix import ADMIN, ALL, PAGES, PROGRAM
from tests.security.world import SUPERUSER, World, body_of, fill, undone

pytestmark = [pytest.mark.alike, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary-d41f77-database"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}
POLICY = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")
# Shown to everybody, so a cache may keep them.
PUBLIC = ("/login/", "/healthz", "/static/")


@pytest.fixture(scope="session")
def production() -> dict[str, Any]:
    """Return what the settings of production say about cookies and headers."""
    ask = (
        "import json; from django.conf import settings as s; print(json.dumps({n: getattr(s, n) for n in dir(s) "
        "if n.startswith(('SECURE_', 'SESSION_COOKIE', 'CSRF_COOKIE', 'LANGUAGE_COOKIE', 'CONTENT_SECURITY', 'X_FR'))}"
        ", default=list))"
    )
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}} | {
        "DJANGO_SETTINGS_MODULE": "panelhub.settings.production",
        "PANELHUB_ENV_FILE": os.devnull,
        "PANELHUB_VAR": os.environ["PANELHUB_VAR"],
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-0123456789abcdefghijklmnopqrstuvwxyz",
        "PANELHUB_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "hub.example.com",
    }
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", ask]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True)
    reported: dict[str, Any] = json.loads(done.stdout)
    return reported


@pytest.fixture
def world(db: None, settings: Any, production: dict[str, Any]) -> World:
    world = fill()
    for name, value in production.items():
        setattr(settings, name, value)
    return world


def every_page(world: World) -> list[str]:
    """Return the address of each page of the table and of each table in admin."""
    found = []
    for name, rule in PAGES.items():
        if rule.get and rule.get != PROGRAM:
            kwargs = {**rule.kwargs, **({"pk": world.pk_of(rule.row, "staff")} if rule.row else {})}
            found.append(reverse(name, kwargs=kwargs))
    for table in ADMIN:
        found += [reverse(f"admin:{table}_changelist"), reverse(f"admin:{table}_add")]
    return found


def find_faults(address: str, answer: Any) -> Iterator[str]:
    """Yield what is wrong with the head of an answer."""
    for name, value in HEADERS.items():
        if answer.headers.get(name) != value:
            yield f"{name}: {answer.headers.get(name)}"
    policy = answer.headers.get("Content-Security-Policy", "")
    yield from (f"CSP lacks {part}" for part in (*POLICY, "upgrade-insecure-requests") if part not in policy)
    if "unsafe" in policy:
        yield f"CSP: {policy}"
    if "no-store" not in answer.headers.get("Cache-Control", "") and not address.startswith(PUBLIC):
        yield f"Cache-Control: {answer.headers.get('Cache-Control')}"
    for cookie in answer.cookies.values():
        if cookie["max-age"] == 0:
            continue
        flags = (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"])
        # Messages and the language carry no rights; what does is out of a neighbouring host's reach.
        is_ours = cookie.key.startswith("__Host-") or cookie.key in ("messages", "django_language", "first-steps")
        if not is_ours or flags != (True, True, "Lax", "/", ""):
            yield f"cookie {cookie.key} {flags}"


def test_every_page_carries_its_shields_and_none_crashes(world: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people[SUPERUSER], backend="panelhub.security.backends.RoleBackend")
    wrong, pages = [], 0
    for address, answer, page in crawl(client, ["/", *every_page(world)]):
        pages += 1
        faults = [*find_faults(address, answer), *(page.faults if page else [])]
        # Adding what there can be one of only, or what comes from providers, is refused to everybody.
        is_refused = 400 <= answer.status_code < 500 and not address.endswith("/add/")
        # No worker runs beside a test, and the sign of life says so.
        if is_refused or (answer.status_code >= 500 and address != "/healthz"):
            faults.append(str(answer.status_code))
        wrong += [(address, fault) for fault in faults]
    assert not wrong
    assert pages > len(PAGES)


def test_the_anonymous_get_the_same_shields(world: World) -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for address in ["/no/such/page", *every_page(world)]:
        answer = client.get(address, secure=True)
        body_of(answer)
        # Before the login nothing is shown that a cache must not keep.
        wrong += [(address, fault) for fault in find_faults(address, answer) if not fault.startswith("Cache-Control")]
    assert not wrong


def test_a_login_gets_cookies_that_no_neighbour_can_plant(world: World) -> None:
    person = world.people["staff"]
    person.set_password("correct horse battery")
    person.save()
    client = Client(enforce_csrf_checks=True)
    token = client.get("/login/", secure=True).cookies["__Host-csrftoken"].value
    form = {"username": person.username, "password": "correct horse battery", "csrfmiddlewaretoken": token}
    answer = client.post("/login/", form, secure=True, headers={"Referer": "https://testserver/login/"})

    assert answer.status_code == 302
    assert set(answer.cookies) == {"__Host-sessionid", "__Host-csrftoken"}
    assert not list(find_faults("/login/", answer))


def test_plain_http_leads_to_https(world: World) -> None:
    answer = Client().get("/orders/")

    assert answer.status_code == 301
    assert answer["Location"] == "https://testserver/orders/"


def test_every_form_needs_the_token_of_its_page_but_the_api(world: World) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(world.people[SUPERUSER], backend="panelhub.security.backends.RoleBackend")
    refused = {}
    for name, rule in PAGES.items():
        if rule.post:
            kwargs = {**rule.kwargs, **({"pk": world.pk_of(rule.row, SUPERUSER)} if rule.row else {})}
            refused[name] = client.post(reverse(name, kwargs=kwargs), secure=True).status_code

    assert {name for name, status in refused.items() if status != 403} == {"api_v2"}


@pytest.mark.parametrize("name", sorted(name for name, rule in PAGES.items() if rule.get != ALL))
def test_when_the_database_fails_no_page_reveals_its_inside(world: World, name: str) -> None:
    rule = PAGES[name]

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"orders_' in sql or '"providers_' in sql or "INSERT" in sql:
            raise OperationalError(f'{CANARY} in "/srv/hub/orders/models.py": {sql}')
        return execute(sql, params, many, context)

    kwargs = {**rule.kwargs, **({"pk": world.pk_of(rule.row, SUPERUSER)} if rule.row else {})}
    for method in ("get", "post"):
        for headers in ({}, {"HX-Request": "true"}):
            if not getattr(rule, method):
                continue
            client = world.browser(SUPERUSER)
            client.cookies = type(client.cookies)({"__Host-sessionid": world.sessions[SUPERUSER]})
            with undone(), connection.execute_wrapper(fail):
                answer = getattr(client, method)(reverse(name, kwargs=kwargs), secure=True, headers=headers)
            body = body_of(answer)
            for inside in (CANARY, "Traceback", "SELECT", "/srv/hub", "OperationalError"):
                assert inside.encode() not in body, (method, answer.status_code)
            # Whoever logs out, and a program without a token, sees nothing that a cache must not keep.
            assert not list(find_faults("/static/" if name in {"logout", "api_v2"} else "", answer))
