"""The values at the edges, in every parameter of every page: dates of year 1 and 9999, numbers without end, half characters.

Where `test_fuzzing.py` draws by chance, this goes through a list. `PANELHUB_EXTREMES=all` tries every value in every
parameter alone; the suite tries every value in all parameters at once, and those at the edges of types alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django import forms
from django.apps import apps
from django.test import override_settings
from django.urls import reverse

from orders.api.actions import BY_NAME
from orders.api.authentication import make_token
from tests.security.matrix import ADMIN, PAGES
from tests.security.world import SUPERUSER, World, body_of, fill, undone

ROOT = Path(__file__).resolve().parents[2]
ALL = os.environ.get("PANELHUB_EXTREMES") == "all"
FORM = "application/x-www-form-urlencoded"
DATES = (
    *("0001-01-01", "9999-12-31", "0000-01-01", "10000-01-01", "0001-01-01T00:00", "9999-12-31T23:59:59.999999"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31 23:59", "0001-01", "9999-12"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "-0001-01-01", "9999-W52-7", "1", "9999", "1e9"),
)
NUMBERS = (
    *("9" * 5000, "-" + "9" * 5000, "9" * 30, "9223372036854775807", "9223372036854775808", "-9223372036854775809"),
    *("2147483648", "NaN", "sNaN", "-Infinity", "1e400", "1e-400", "1e999999999", "1e-999999999", "-0", "0x10"),
    *("1_000", "٣", "²", "1e28", "0." + "1" * 5000, "9" * 20 + "." + "9" * 20, "1e20", "99999999999999999999"),
)
TEXTS = (
    *("\x00", "a\x00b", "\ud800", "a\udfff", "\u202e", "%", "_", "\\", "'", '"', "[", "{", "[" * 3000, '{"a":' * 3000),
    *(
        "null",
        "[]",
        "{}",
        "true",
        "~",
        "~~",
        "~~~~",
        ",",
        ",,,",
        "\r\n",
        "a" * 70_000,
        "\U0010ffff",
        "id;--",
        "é" * 3000,
    ),
)
CURSORS = tuple(
    sep.join(parts)
    for sep in ("~",)
    for parts in (
        *[(date, key) for date in DATES[:7] for key in ("1", "9" * 5000, "-9223372036854775808")],
        *[(amount, "1") for amount in NUMBERS],
        *[("2026-01-01T00:00:00+00:00", key) for key in ("NaN", "\x00", "1e5", "\ud800")],
        *[("a", "1", "2", "3"), ("\x00", "1"), ("a" * 9000, "1"), ("1e-999999999", "\x00"), ("", ""), ("\ud800", "1")],
    )
)
VALUES = (*DATES, *NUMBERS, *TEXTS, *CURSORS)
EDGES = (
    *("0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9" * 5000, "NaN"),
    *("1e999999999", "9223372036854775808", "\x00", "\ud800"),
)
ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Honolulu")


def encode(pairs: Any) -> str:
    """Pairs of texts as a form or a query is written; half characters as a careless client sends them."""
    return "&".join(
        "=".join(quote_from_bytes(text.encode("utf-8", "surrogatepass")) for text in pair) for pair in pairs
    )


@cache
def known_names() -> tuple[str, ...]:
    """Every parameter that some code of the hub reads, from its forms and its source."""
    names = {name for form in _subclasses(forms.BaseForm) for name in getattr(form, "base_fields", {})}
    read = re.compile(r"""(?:GET|POST|parameters|data|posted)(?:\.get|\.getlist)?[(\[]\s*f?"([a-z_0-9\-]+)["{]""")
    for app in ("orders", "providers", "panelhub"):
        for path in (ROOT / app).rglob("*.py"):
            names.update(read.findall(path.read_text(encoding="utf-8")))
    return tuple(sorted(names | {"after", "before", "sort", "q", "page", "o", "p", "month", "day"}))


def _subclasses(kind: Any) -> Iterator[Any]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def names_in(page: str) -> set[str]:
    """The parameters that a page shows: names of its fields, and those in its links."""
    linked = (
        pair.partition("=")[0]
        for query in re.findall(r'href="[^"]*\?([^"#]*)', page)
        for pair in re.split("&(?:amp;)?", query)
    )
    return {
        name for name in (*re.findall(r'\bname="([^"]+)"', page), *linked) if name and name != "csrfmiddlewaretoken"
    }


@pytest.fixture
def world(db: None) -> World:
    return fill()


def address_of(world: World, name: str) -> str:
    rule = PAGES[name]
    return reverse(name, kwargs={**rule.kwargs, **({"pk": world.pk_of(rule.row, SUPERUSER)} if rule.row else {})})


def tried(names: set[str]) -> Iterator[list[tuple[str, str]]]:
    """Each set of parameters to try for a page with these."""
    for value in VALUES:
        yield [(name, value) for name in (*known_names(), *names)]
    for name in sorted(names):
        for value in VALUES if ALL else EDGES:
            yield [(name, value)]


def check(world: World, method: str, address: str, pairs: list[tuple[str, str]], *, partial: bool = False) -> None:
    browser = world.browser(SUPERUSER)
    headers = {"HX-Request": "true"} if partial else {}
    with undone():
        if method == "get":
            answer: Any = browser.get(f"{address}?{encode(pairs)}", headers=headers)
        else:
            answer = browser.post(address, encode(pairs), content_type=FORM, headers=headers)
        body_of(answer)
    assert answer.status_code < 500, (address, [(name, value[:60]) for name, value in pairs[:3]], len(pairs))


SORTED = re.compile(r'<option value="([^"]+)"')


@pytest.mark.parametrize("name", sorted(name for name, rule in PAGES.items() if rule.get and name != "healthz"))
def test_no_parameter_of_a_page_crashes_it(world: World, name: str) -> None:
    address = address_of(world, name)
    page = body_of(world.browser(SUPERUSER).get(address)).decode("utf-8", "replace")
    for pairs in tried(names_in(page)):
        check(world, "get", address, pairs)
    for sort in {
        found for select in re.findall(r'name="sort".*?</select>', page, re.S) for found in SORTED.findall(select)
    }:
        for cursor in CURSORS:
            for side in ("after", "before"):
                check(world, "get", address, [("sort", sort), (side, cursor)], partial=True)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", ["orders:list", "orders:dashboard", "orders:money", "audit", "providers:changes"])
def test_no_date_crashes_a_list_in_any_zone(world: World, name: str, zone: str) -> None:
    address = address_of(world, name)
    names = names_in(body_of(world.browser(SUPERUSER).get(address)).decode("utf-8", "replace"))
    names |= {"since", "until", "from", "to", "month", "day", "at"}
    with override_settings(TIME_ZONE=zone):
        for value in (*DATES, *(cursor for cursor in CURSORS if cursor[0] in "09-")):
            for parameter in sorted(names):
                check(world, "get", address, [(parameter, value)])
            check(world, "get", address, [(parameter, value) for parameter in sorted(names)])


def plausible(world: World) -> dict[str, str]:
    """Fields as a person would fill them in, so that what is read after them is reached too."""
    rows = world.rows
    return {
        **{name: str(rows[name].pk) for name in ("service", "product", "provider")},
        **{
            "link": "https://www.instagram.com/p/abc/",
            "quantity": "100",
            "require": "x",
            "confirm": "1",
            "step": "place",
        },
        **{"ids": str(rows["order"].pk), "action": "refill", "kind": "top_up", "amount": "5", "currency": "USD"},
        **{
            "at": "2026-11-01T10:00",
            "text": "words",
            "name": "a name",
            "lines": f"{rows['service'].pk} | https://a.example/ | 10",
        },
        **{"way": "not_placed", "reason": "seen", "external_id": "5", "rate": "1", "form_token": "0" * 32},
    }


@pytest.mark.parametrize("name", sorted(name for name, rule in PAGES.items() if rule.post))
def test_no_field_of_a_form_crashes_it(world: World, name: str) -> None:
    address, usual = address_of(world, name), plausible(world)
    given = set(usual)
    if PAGES[name].get:
        given |= names_in(body_of(world.browser(SUPERUSER).get(address)).decode("utf-8", "replace"))
    for value in VALUES:
        check(world, "post", address, [(field, value) for field in (*known_names(), *given)])
    for field in sorted(given):
        for value in VALUES if ALL else EDGES:
            check(world, "post", address, list((usual | {field: value}).items()))


def admin_names(table: str) -> list[str]:
    """Parameters that lists of admin read, for every column and the lookups that people try."""
    model = apps.get_model(table.replace("_", ".", 1))
    lookups = ("", "__exact", "__gte", "__lt", "__in", "__isnull", "__year", "__contains", "__regex", "__id__exact")
    columns = [f"{field.name}{lookup}" for field in model._meta.concrete_fields for lookup in lookups]
    return [*columns, "o", "p", "q", "all", "e", "_to_field", "_popup", "_changelist_filters", "_facets", "ot"]


@pytest.mark.parametrize("table", sorted(ADMIN))
def test_no_parameter_crashes_a_list_of_admin(world: World, table: str) -> None:
    address = reverse(f"admin:{table}_changelist")
    for name in admin_names(table):
        for value in VALUES if ALL else EDGES[:8] if "__" in name else EDGES:
            check(world, "get", address, [(name, value)])


@pytest.mark.parametrize("table", sorted(ADMIN))
def test_no_field_crashes_a_form_of_admin(world: World, table: str) -> None:
    model = apps.get_model(table.replace("_", ".", 1))
    names = [*(field.name for field in model._meta.get_fields()), "new_key", "new_url", "action", "_selected_action"]
    pages = [reverse(f"admin:{table}_add"), reverse(f"admin:{table}_changelist")]
    if row := model._default_manager.first():
        pages.append(reverse(f"admin:{table}_change", args=[row.pk]))
    pages.append(reverse(f"admin:{table}_change", args=["9" * 5000]))
    for address in pages:
        for value in VALUES:
            check(world, "post", address, [(name, value) for name in names] + [("at_0", value), ("at_1", value)])


@pytest.mark.parametrize("action", sorted(BY_NAME))
def test_no_parameter_crashes_a_call_of_a_program(world: World, action: str) -> None:
    _row, token = make_token(world.people[SUPERUSER], "extremes", requests_per_minute=1_000_000)
    usual = {"key": token, "action": action, "service": str(world.rows["service"].pk), "link": "https://a.example/"}
    names = {name for rule in BY_NAME.values() for name in getattr(rule, "names", ())}
    names |= {"service", "link", "quantity", "order", "orders", "refill", "refills", "comments", "runs", "interval"}
    names |= {"username", "min", "max", "posts", "old_posts", "delay", "expiry", "answer_number", "groups", "product"}
    names |= {"require", "page", "limit", "client_key", "custom_ref", "idempotency_key", "action", "key"}
    for name in sorted(names):
        for value in VALUES if ALL else EDGES:
            check(world, "post", "/api/v2", list((usual | {name: value}).items()))
    for value in VALUES:
        check(world, "post", "/api/v2", list({**dict.fromkeys(names, value), "key": token, "action": action}.items()))


@pytest.mark.parametrize("name", sorted(name for name, rule in PAGES.items() if rule.row))
@pytest.mark.parametrize("key", ["9" * 5000, "9223372036854775808", "99999999999999999999999", "0"])
def test_no_key_in_an_address_crashes_a_page(world: World, name: str, key: str) -> None:
    rule = PAGES[name]
    address = reverse(name, kwargs={**rule.kwargs, "pk": 123456789}).replace("123456789", key)
    check(world, "get" if rule.get else "post", address, [])
