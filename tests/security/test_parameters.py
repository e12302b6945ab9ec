"""No address answers 500, whatever its parameters, fields and path hold: every address that the resolver knows."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, quote_from_bytes

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from tests.security.matrix import PAGES
from tests.security.world import SUPERUSER, World, body_of, fill, undone

pytestmark = pytest.mark.alike

METHODS: Final = ("get", "post")
FORM: Final = "application/x-www-form-urlencoded"
# These look at the outside world, or show a session's end, which is tested where they are.
LEFT_OUT: Final = frozenset({"healthz", "metrics"})
DAYS: Final = ("0001-01-01", "9999-12-31", "0000-00-00", "10000-01-01")
MOMENTS: Final = (
    *("0001-01-01T00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59", "9999-12-31T23:59:59-12:00"),
    *("0001-01", "9999-12", "99999999999-01"),
)
NUMBERS: Final = (
    *("9" * 5_000, "-" + "9" * 5_000, "9223372036854775808", "-9223372036854775809", "0", "-1", "1_000", "٣"),
    *("NaN", "sNaN", "-Infinity", "1e999999", "1e-999999", "1E+99999999999999999999", "0x10", "1.5"),
)
TEXTS: Final = (
    "",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "%",
    "[" * 2_000,
    '{"a":',
    "' OR 1=1 --",
    "a" * 20_000,
    "\r\nX: y",
)
CURSORS: Final = (
    *("~", "~~~~", "NaN~1", "Infinity~1", "1e999999~1", f"{'9' * 5_000}~1", "1~9223372036854775808", "\x00~1"),
    *("0001-01-01T00:00:00+14:00~1", "9999-12-31T23:59:59-12:00~1", "1~\ud800", "1~1~1~1~1", "2026-01-01~1"),
)
VALUES: Final = (*DAYS, *MOMENTS, *NUMBERS, *TEXTS, *CURSORS)
# Two hours on two cores; without it each address is tried with its share of the values, another one for each.
EVERY_VALUE: Final = bool(os.environ.get("EVERY_VALUE"))
# One of each kind, for the run that everybody waits for.
FEW: Final = ("9999-12-31", "0001-01-01T00:00:00+14:00", "9" * 5_000, "NaN", "1e999999", "a\x00b", "\ud800", "NaN~1")
# What some list, form or action reads without showing a field of that name.
UNSHOWN: Final = (
    *("after", "before", "sort", "page", "tab", "q", "service", "product", "provider", "repeat", "month", "since"),
    *(
        "until",
        "ids",
        "matching",
        "filter",
        "columns",
        "show",
        "next",
        "form_token",
        "quantity",
        "link",
        "runs",
        "price",
    ),
    *("interval", "comments", "step", "at", "amount", "seen_rate", "action", "token", "rows", "undo", "query", "name"),
)
ADMIN_LISTS: Final = (
    *("o", "p", "q", "_facets", "_popup", "_to_field", "all", "e", "id", "id__exact", "pk__in", "id__gte", "at__year"),
    *(
        "at__gte",
        "at__day",
        "rate__gte",
        "user__id__exact",
        "is_active__exact",
        "currency__exact",
        "day__year",
        "day__day",
    ),
    *("created_at__gte", "_changelist_filters", "action", "index", "select_across", "_selected_action", "app_label"),
    *("model_name", "field_name", "term", "attempt_time__gte", "last_login__gte", "day__month"),
)
_NAMES: Final = re.compile(rb'<(?:input|select|textarea)\b[^>]*?\bname="([^"]{1,80})"')


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the resolver, and what its path is made of."""

    name: str
    converters: Mapping[str, Any]


def find_addresses(
    resolver: Any = None, namespace: str = "", outer: Mapping[str, Any] | None = None
) -> Iterator[Address]:
    """Yield every named address, those of admin included."""
    for found in (resolver or get_resolver()).url_patterns:
        converters = {**(outer or {}), **_converters(found)}
        if isinstance(found, URLPattern) and found.name:
            yield Address(f"{namespace}{found.name}", converters)
        elif isinstance(found, URLResolver):
            inner = f"{namespace}{found.namespace}:" if found.namespace else namespace
            yield from find_addresses(found, inner, converters)


def _converters(found: Any) -> dict[str, Any]:
    pattern = found.pattern
    return dict(
        getattr(pattern, "converters", None) or dict.fromkeys(getattr(pattern, "regex", re.compile("")).groupindex)
    )


ADDRESSES: Final = {one.name: one for one in find_addresses() if one.name not in LEFT_OUT}
IS_ADMIN: Final = {name: name.startswith("admin:") for name in ADDRESSES}


@pytest.fixture
def world(db: None) -> World:
    return fill()


def path_of(world: World, address: Address) -> str | None:
    """Return the path of an address, about the row that the table of permissions names; any row where it names none."""
    rule = PAGES.get(address.name)
    known: dict[str, Any] = dict(rule.kwargs) if rule else {}
    if rule and rule.row:
        known["pk"] = world.pk_of(rule.row, SUPERUSER)
    plain = {"IntConverter": 1, "UUIDConverter": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
    kwargs = {
        name: known.get(name, plain.get(type(converter).__name__, "1"))
        for name, converter in address.converters.items()
    }
    try:
        return reverse(address.name, kwargs=kwargs)
    except NoReverseMatch:
        # A pattern of admin that lists what it takes, such as its apps.
        return None


def encode(pairs: list[tuple[str, str]]) -> str:
    """Return pairs as a query or a form is written; halves of letters as the bytes of what they would be."""
    return "&".join(
        f"{quote(name)}={quote_from_bytes(value.encode('utf-8', 'surrogatepass'))}" for name, value in pairs
    )


def shapes_of(names: tuple[str, ...], value: str) -> Iterator[str]:
    """Yield queries that hold a value in every parameter: once, repeated, and as arrays."""
    yield encode([(name, value) for name in names])
    yield encode([(name, one) for name in names for one in (value, "1", value)])
    yield encode([(f"{name}{suffix}", value) for name in names for suffix in ("[]", "[0]", "__in")])


def check(
    world: World, path: str, query: str, *, partial: bool = False, methods: tuple[str, ...] = METHODS
) -> list[str]:
    """Send a query as GET and as POST; return what answered 500 or more, or broke off."""
    headers = {"HX-Request": "true"} if partial else {}
    faults = []
    for method in methods:
        browser = world.browser(SUPERUSER)
        with undone():
            if method == "get":
                answer = browser.get(f"{path}?{query}", headers=headers)
            else:
                answer = browser.post(path, query, content_type=FORM, headers=headers)
            body_of(answer)
        if answer.status_code >= 500:
            faults.append(f"{method} {path}?{query[:120]}: {answer.status_code}")
    return faults


def names_on(world: World, path: str, name: str) -> tuple[str, ...]:
    """Return the parameters of a page: those of the fields that it shows, and those that are read without one."""
    with undone():
        answer = world.browser(SUPERUSER).get(path)
        found = _NAMES.findall(body_of(answer)) if answer.status_code == 200 else []
    shown = {one.decode() for one in found} - {"csrfmiddlewaretoken"}
    return tuple(dict.fromkeys((*sorted(shown), *(ADMIN_LISTS if IS_ADMIN[name] else UNSHOWN))))


@pytest.mark.parametrize("value", FEW, ids=range(len(FEW)))
def test_no_address_of_the_hub_answers_500_to_one_value_everywhere(world: World, value: str) -> None:
    faults = []
    for name, address in ADDRESSES.items():
        path = path_of(world, address)
        if path and not IS_ADMIN[name]:
            faults += check(world, path, encode([(one, value) for one in UNSHOWN]))

    assert faults == []


@pytest.mark.parametrize("pk", ["0", "9223372036854775808", "9" * 30, "9" * 5_000])
def test_no_number_in_a_path_answers_500(world: World, pk: str) -> None:
    faults = []
    for address in ADDRESSES.values():
        whole = path_of(world, Address(address.name, address.converters)) if "pk" in address.converters else None
        if whole is not None:
            rule = PAGES.get(address.name)
            key = str(world.pk_of(rule.row, SUPERUSER) if rule and rule.row else 1)
            faults += check(world, re.sub(rf"(?<=/){key}(?=/)", pk, whole, count=1), "")

    assert faults == []


def share_of(cases: Sequence[Any], name: str, *, of: int) -> Sequence[Any]:
    """Return every ``of``-th case, from a place of its own for each address; all of them with EVERY_VALUE."""
    return cases if EVERY_VALUE else cases[zlib.crc32(name.encode()) % of :: of]


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_no_address_answers_500_to_any_value_in_any_shape(world: World, name: str) -> None:
    path = path_of(world, ADDRESSES[name])
    if path is None:
        pytest.skip("the address takes words of its own alone")
    names = names_on(world, path, name)
    queries = [query for value in VALUES for query in shapes_of(names, value)]
    faults: list[str] = []
    for number, query in enumerate(share_of(queries, name, of=8)):
        faults += check(world, path, query, partial=bool(number % 2))

    assert faults == []


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_no_address_answers_500_to_one_parameter_alone(world: World, name: str) -> None:
    path = path_of(world, ADDRESSES[name])
    if path is None:
        pytest.skip("the address takes words of its own alone")
    cases = [
        (encode([(parameter, value)]), method)
        for parameter in names_on(world, path, name)
        for value in FEW
        for method in METHODS
    ]
    faults: list[str] = []
    for query, method in share_of(cases, name, of=len(FEW) * len(METHODS) + 1):
        faults += check(world, path, query, methods=(method,))

    assert faults == []


def test_every_address_of_the_table_is_tried() -> None:
    assert set(PAGES) - LEFT_OUT <= set(ADDRESSES)


def test_a_page_that_breaks_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*args: Any, **kwargs: Any) -> Any:
        raise KeyError("after")

    monkeypatch.setattr("panelhub.audit.views.take_page", break_off)

    assert len(check(world, reverse("audit"), "after=1")) == 1
